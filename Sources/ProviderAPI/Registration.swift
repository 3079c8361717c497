/// One type of provider: its name, its options and how to make one. The configuration's checks, the help and the manual
/// page all come from here, so that they cannot disagree.
public struct ProviderRegistration: Sendable {
    /// The word for `type:` in the configuration.
    public let type: String
    /// One line for people.
    public let help: String
    /// The keys of its configuration, beside the ones that every provider has.
    public let options: [ProviderOption]
    /// What it can do on a platform that has everything.
    public let operations: Set<Operation>
    /// Makes one. It must not wait for the platform; `invalidValue` where the configuration cannot be.
    public let make: @Sendable (ProviderSettings) throws(ProviderError) -> any Provider

    /// A registration.
    public init(
        type: String, help: String, options: [ProviderOption], operations: Set<Operation>,
        make: @escaping @Sendable (ProviderSettings) throws(ProviderError) -> any Provider
    ) {
        self.type = type
        self.help = help
        self.options = options
        self.operations = operations
        self.make = make
    }
}

/// A key of a provider's configuration.
public struct ProviderOption: Sendable, Hashable {
    /// How its value is written.
    public enum Form: Sendable, Hashable {
        case text, number, flag, list, map
        /// One text for all, or one for each of several by name.
        case textOrMap
        /// Never shown; from a file, an environment variable or a command.
        case secret
    }

    /// The key.
    public let name: String
    /// How its value is written.
    public let form: Form
    /// One line for people.
    public let help: String
    /// What holds where it is not given, for people.
    public let standard: String?
    /// Whether the configuration is refused without it.
    public let isRequired: Bool

    /// An option.
    public init(_ name: String, _ form: Form, _ help: String, standard: String? = nil, isRequired: Bool = false) {
        self.name = name
        self.form = form
        self.help = help
        self.standard = standard
        self.isRequired = isRequired
    }
}

/// A text that must not be shown: it prints as `<secret>`, everywhere.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    /// Hides a text.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one call that sends it.
    public func reveal() -> String { text }
    /// Never the text.
    public var description: String { "<secret>" }
    /// Never the text.
    public var debugDescription: String { "<secret>" }
    /// Never the text.
    public var customMirror: Mirror { Mirror(reflecting: "<secret>") }
}

/// The configuration of one provider, checked against its registration.
public struct ProviderSettings: Sendable {
    /// Its name in the tree.
    public let name: String
    /// The plain options that were given.
    public let values: [String: Value]
    /// The secret ones, resolved.
    public let secrets: [String: Secret]
    /// Where it may keep files that outlive the process, made when there is something to keep; nil for nowhere.
    public var stateDirectory: String?

    /// Settings.
    public init(name: String, values: [String: Value] = [:], secrets: [String: Secret] = [:]) {
        self.name = name
        self.values = values
        self.secrets = secrets
    }

    /// A text option; nil where it was not given.
    public func text(_ key: String) -> String? {
        switch values[key] {
        case .text(let text): text
        case .number(let number): String(number)
        default: nil
        }
    }

    /// A number option; nil where it was not given.
    public func number(_ key: String) -> Int? {
        guard case .number(let number) = values[key] else { return nil }
        return number
    }

    /// A flag option; nil where it was not given.
    public func flag(_ key: String) -> Bool? {
        guard case .flag(let flag) = values[key] else { return nil }
        return flag
    }
}
