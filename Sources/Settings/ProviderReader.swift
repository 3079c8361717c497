import ProviderAPI
import YAMLKit

/// Reads the keys of one provider, whatever the file's format is.
struct ProviderReader {
    /// What the file calls it (`provider`, `client`), for errors.
    let noun: String
    let name: String
    let registration: ProviderRegistration
    let context: ReadingContext
    /// What relative paths of secrets are relative to.
    let directory: String
    /// Whether the file itself holds a secret.
    private(set) var holdsSecret = false
    private var values: [String: Value] = [:]
    private var secrets: [String: Secret] = [:]
    private var common = CommonSettings()

    init(
        noun: String, name: String, registration: ProviderRegistration, context: ReadingContext, directory: String
    ) {
        self.noun = noun
        self.name = name
        self.registration = registration
        self.context = context
        self.directory = directory
    }

    /// Every key it knows.
    var keys: [String] {
        ["type"] + CommonSettings.options.map(\.name) + registration.options.map(\.name)
    }

    /// Takes one key; false where it is not known.
    mutating func take(_ key: String, _ node: YAMLNode, line: Int, problems: inout Problems) -> Bool {
        do throws(ValueError) {
            if let option = registration.options.first(where: { $0.name == key }) {
                try take(option, node)
            } else if let row = CommonSettings.table.first(where: { $0.option.name == key }) {
                try row.apply(node, &common)
            } else {
                return false
            }
        } catch {
            problems.add("'\(key)' in \(noun) '\(name)' \(error.message)", line: line)
        }
        return true
    }

    private mutating func take(_ option: ProviderOption, _ node: YAMLNode) throws(ValueError) {
        guard !node.isNull else { throw ValueError("has no value: give it one, or remove the key") }
        guard option.form == .secret else {
            values[option.name] = try node.value(as: option.form)
            return
        }
        let source = try SecretSource(node)
        if case .literal = source { holdsSecret = true }
        secrets[option.name] = try source.resolve(in: context, directory: directory)
    }

    /// The provider; what it lacks is a problem on the line where it begins.
    func entry(line: Int, problems: inout Problems) -> ProviderEntry {
        for option in registration.options where option.isRequired {
            guard values[option.name] == nil, secrets[option.name] == nil else { continue }
            problems.add("\(noun) '\(name)' needs '\(option.name)': \(option.help)", line: line)
        }
        let settings = ProviderSettings(name: name, values: values, secrets: secrets)
        return ProviderEntry(registration: registration, settings: settings, common: common)
    }

    /// What is wrong with a name for a directory at the root of the mount; nil where nothing is.
    static func fault(inName name: String) -> String? {
        if name.isEmpty { return "a name cannot be empty" }
        if name.contains("/") { return "a name cannot hold a slash: it is a directory of the mount" }
        if name.hasPrefix(".") { return "a name cannot begin with a dot: '.infrafs' and its like are the mount's own" }
        if name == "README" { return "the name is taken: README is a file of the mount" }
        if name.utf8.count > 255 { return "a name cannot be longer than 255 bytes" }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "a name cannot hold control characters"
        }
        return nil
    }
}
