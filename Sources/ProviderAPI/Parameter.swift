/// A parameter of creation: a file of a draft, a key of a profile.
public struct Parameter: Sendable, Hashable {
    /// How its value is written.
    public enum Form: Sendable, Hashable {
        /// Free text.
        case text
        /// A whole number.
        case number
        /// A size in MiB: `4096`, `4096M`, `4G`, `4GiB`.
        case mebibytes
        /// A size in GiB: `10`, `10G`, `1T`.
        case gibibytes
        /// `yes` or `no`.
        case flag
        /// One of these words.
        case choice([String])
        /// Texts, one a line. A map in a YAML list is the line `key=value key=value`.
        case list
        /// Directories of named entries, each with these parameters; or a YAML list of maps.
        case entries([Parameter])
        /// A directory of free keys, or a YAML map.
        case map
    }

    /// The name of its file.
    public let name: String
    /// How its value is written.
    public let form: Form
    /// One line for people.
    public let help: String
    /// What kcli calls it, where that differs.
    public let aliases: [String]
    /// Whether its value is a password: it can be written and not read back, is kept by nobody once the resource is made,
    /// and what shows a draft as a whole leaves it out.
    public let isSecret: Bool
    /// Whether its value is a document that may hold a password: the owner of the mount alone can read it back, and what
    /// shows a draft as a whole leaves it out.
    public let mayHoldSecrets: Bool
    /// Whether a resource's own file of that name tells what came to be, not what was asked for (a leased address): a
    /// copy of a resource that becomes a draft does not ask for it.
    public let isObserved: Bool

    /// A parameter of that name and form.
    public init(
        _ name: String, _ form: Form, _ help: String, aliases: [String] = [], isSecret: Bool = false,
        mayHoldSecrets: Bool = false, isObserved: Bool = false
    ) {
        self.name = name
        self.form = form
        self.help = help
        self.aliases = aliases
        self.isSecret = isSecret
        self.mayHoldSecrets = mayHoldSecrets
        self.isObserved = isObserved
    }
}

/// What to create: a name and the parameters that were set, from the draft first and its profile after.
public struct Specification: Sendable, Hashable {
    /// The name of the resource to be.
    public var name: String
    /// The parameters that were set, already parsed by their ``Parameter/Form``.
    public var values: [String: Value]

    /// A specification.
    public init(name: String, values: [String: Value] = [:]) {
        self.name = name
        self.values = values
    }

    /// Text of a parameter; nil where it is not set or empty.
    public func text(_ key: String) -> String? {
        switch values[key] {
        case .text(let text): text.isEmpty ? nil : text
        case .number(let number): String(number)
        default: nil
        }
    }

    /// Number of a parameter; nil where it is not set.
    public func number(_ key: String) -> Int? {
        guard case .number(let number) = values[key] else { return nil }
        return number
    }

    /// Flag of a parameter; nil where it is not set.
    public func flag(_ key: String) -> Bool? {
        guard case .flag(let flag) = values[key] else { return nil }
        return flag
    }

    /// Texts of a parameter; empty where it is not set.
    public func texts(_ key: String) -> [String] {
        switch values[key] {
        case .list(let values): values.map(\.plainText)
        case .text(let text): [text]
        default: []
        }
    }

    /// Entries of a parameter (`disks`, `nics`), each a specification of its own; empty where it is not set.
    public func entries(_ key: String) -> [Specification] {
        guard case .map(let entries) = values[key] else { return [] }
        return entries.map { entry in
            var values: [String: Value] = [:]
            if case .map(let fields) = entry.value {
                for field in fields { values[field.key] = field.value }
            }
            return Specification(name: entry.key, values: values)
        }
    }

    /// Free keys and values of a parameter (`metadata`), in order.
    public func pairs(_ key: String) -> [(key: String, value: String)] {
        guard case .map(let entries) = values[key] else { return [] }
        return entries.map { ($0.key, $0.value.plainText) }
    }

    /// Refuses by name every parameter that is set and that a platform cannot honour.
    public func require(only supported: Set<String>) throws(ProviderError) {
        let refused = values.keys.filter { !supported.contains($0) }.sorted()
        guard refused.isEmpty else {
            throw ProviderError(
                .unsupported, "this provider cannot honour \(refused.joined(separator: ", ")): remove it from the draft"
            )
        }
    }

    /// The same with every secret value blanked, for what shows a specification as a whole.
    public func redacted(_ parameters: [Parameter]) -> Specification {
        var shown = self
        for parameter in parameters {
            guard let value = values[parameter.name] else { continue }
            shown.values[parameter.name] = parameter.redacted(value)
        }
        return shown
    }
}

extension Parameter {
    fileprivate func redacted(_ value: Value) -> Value {
        if isSecret || mayHoldSecrets { return .text("<secret>") }
        guard case .entries(let fields) = form, case .map(let entries) = value else { return value }
        return .map(
            entries.map { entry in
                guard case .map(let values) = entry.value else { return entry }
                let shown = values.map { field in
                    let parameter = fields.first { $0.name == field.key }
                    return Value.Entry(field.key, parameter?.redacted(field.value) ?? field.value)
                }
                return .init(entry.key, .map(shown))
            })
    }
}
