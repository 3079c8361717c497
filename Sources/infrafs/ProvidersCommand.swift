import ArgumentParser
import ProviderAPI
import Settings

/// `infrafs providers`.
struct ProvidersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "providers",
        abstract: "Show what each type of provider can do, or the options of one.",
        discussion: """
            infrafs providers          one line an operation, one column a type
            infrafs providers kvm      the keys of that type, for infrafs.yaml(5)
            """)

    @Argument(
        help: "A type, as the configuration's 'type' has it.",
        completion: .list(allProviders.map(\.type)))
    var type: String?

    mutating func run() throws {
        guard let type else {
            return Self.matrix(of: allProviders).forEach(Standard.output)
        }
        guard let registration = allProviders.first(where: { $0.type == type }) else {
            let hint = Suggestion.hint(for: type, among: allProviders.map(\.type))
            throw Failure(.usage, "unknown provider type '\(type)'\(hint)")
        }
        Self.options(of: registration).forEach(Standard.output)
    }

    /// The feature matrix.
    static func matrix(of registrations: [ProviderRegistration]) -> [String] {
        let header = ["operation"] + registrations.map(\.type)
        let rows = Operation.allCases.map { operation in
            [operation.rawValue] + registrations.map { $0.operations.contains(operation) ? "yes" : "-" }
        }
        return Table.lines([header] + rows)
    }

    /// The options of a type, its own and the common ones.
    static func options(of registration: ProviderRegistration) -> [String] {
        ["\(registration.type): \(registration.help)", ""] + Table.lines(rows(registration.options))
            + ["", "and, as for every type:", ""] + Table.lines(rows(CommonSettings.options))
    }

    private static func rows(_ options: [ProviderOption]) -> [[String]] {
        options.map { option in
            let standard = option.isRequired ? "required" : option.standard.map { "default \($0)" } ?? ""
            return ["  \(option.name)", "\(option.form)", standard, option.help]
        }
    }
}
