import ProviderAPI

/// What a reader of a configuration needs beside the file.
struct ReadingContext {
    let environment: [String: String]
    let registrations: [ProviderRegistration]

    /// The home directory of `~/`.
    var home: String { ConfigurationSource.home(environment) }

    /// The registration of a type.
    func registration(of type: String) -> ProviderRegistration? {
        registrations.first { $0.type == type }
    }

    /// The words that `type:` takes.
    var types: [String] { registrations.map(\.type).sorted() }
}
