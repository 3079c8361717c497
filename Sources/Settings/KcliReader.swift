import Glibc
import ProviderAPI
import YAMLKit

/// Reads kcli's `config.yml`, with `secrets.yml` and `profiles.yml` beside it: a section a client, `default` among them.
struct KcliReader {
    /// Keys of the default section that say where one client is, not what holds for all.
    private static let ownKeys: Set<String> = [
        "client", "type", "enabled", "host", "port", "protocol", "url", "session",
    ]

    private let context: ReadingContext
    private let file: PrivateFile
    private var problems: Problems
    private var notes: [String] = []
    private var holdsSecret = false
    /// `secrets.yml`, once a value asks for it.
    private var secrets: [YAMLNode.Entry]?

    static func read(_ path: String, context: ReadingContext) throws(ConfigurationError) -> Configuration {
        let file = try ConfigurationFile.open(path)
        var reader = KcliReader(context: context, file: file, problems: Problems(file: path))
        return try reader.configuration(try ConfigurationFile.mapping(file))
    }

    private var directory: String { ConfigurationFile.directory(of: file.path) }

    private mutating func configuration(_ root: [YAMLNode.Entry]) throws(ConfigurationError) -> Configuration {
        let shared = root.first { $0.key == "default" }?.value.entries ?? []
        var providers: [ProviderEntry] = []
        for section in root where section.key != "default" {
            if let provider = try client(section, shared: shared) { providers.append(provider) }
        }
        if holdsSecret { ConfigurationFile.requirePrivate(file, &problems) }
        if providers.isEmpty, problems.found.isEmpty {
            problems.add("has no client of a type that this program has (\(context.types.joined(separator: ", ")))")
        }
        try problems.check()
        let profiles = try KcliProfiles.read(directory: directory)
        return Configuration(
            providers: providers, profiles: profiles.merged, notes: notes + profiles.notes, source: file.path)
    }

    private mutating func client(
        _ section: YAMLNode.Entry, shared: [YAMLNode.Entry]
    ) throws(ConfigurationError) -> ProviderEntry? {
        guard section.value.entries != nil else {
            problems.add(
                "client '\(section.key)' must be a mapping such as {type: kvm}, not \(section.value.kindName)",
                line: section.line)
            return nil
        }
        if section.value["enabled"]?.bool == false { return nil }
        guard let registration = registration(of: section) else { return nil }
        if let fault = ProviderReader.fault(inName: section.key) {
            problems.add("impossible client name '\(section.key)': \(fault)", line: section.line)
            return nil
        }
        return try entry(section, shared: shared, registration: registration)
    }

    /// kcli's word for a client without one is kvm.
    private mutating func registration(of section: YAMLNode.Entry) -> ProviderRegistration? {
        let type = section.value["type"]?.text ?? "kvm"
        if let registration = context.registration(of: type) { return registration }
        let reason =
            type == "group" ? "is a group of clients" : "is of type '\(type)', which this program does not have"
        notes.append("\(file.path):\(section.line): client '\(section.key)' \(reason): passed over")
        return nil
    }

    private mutating func entry(
        _ section: YAMLNode.Entry, shared: [YAMLNode.Entry], registration: ProviderRegistration
    ) throws(ConfigurationError) -> ProviderEntry {
        var reader = ProviderReader(
            noun: "client", name: section.key, registration: registration, context: context, directory: directory)
        let own = section.value.entries ?? []
        let inherited = shared.filter { entry in
            !Self.ownKeys.contains(entry.key) && !own.contains { $0.key == entry.key }
        }
        var defaults: [String: Value] = [:]
        var hidden: Set<String> = []
        for entry in inherited + own where !["type", "enabled"].contains(entry.key) && !entry.value.isNull {
            let home = own.contains { $0.key == entry.key } ? section.key : "default"
            guard let value = try revealed(entry, section: home) else { continue }
            if entry.value.text == "?secret" {
                hidden.insert(entry.key)
            } else if isSecret(entry, registration) {
                holdsSecret = true
            }
            if !reader.take(entry.key, value, line: entry.line, problems: &problems) {
                defaults[entry.key] = value.asValue
            }
        }
        var provider = reader.entry(line: section.line, problems: &problems)
        provider.defaults = defaults
        provider.hidden = hidden
        return provider
    }

    /// Whether the file itself holds one.
    private func isSecret(_ entry: YAMLNode.Entry, _ registration: ProviderRegistration) -> Bool {
        entry.value.entries == nil && registration.options.contains { $0.name == entry.key && $0.form == .secret }
    }

    /// The value itself, or what `secrets.yml` has in its place; nil, with a problem, where it has nothing.
    private mutating func revealed(
        _ entry: YAMLNode.Entry, section: String
    ) throws(ConfigurationError) -> YAMLNode? {
        guard entry.value.text == "?secret" else { return entry.value }
        let path = "\(directory)/secrets.yml"
        let known: [YAMLNode.Entry]
        if let secrets {
            known = secrets
        } else {
            known = try secretsFile(path)
            secrets = known
        }
        if let value = known.first(where: { $0.key == section })?.value[entry.key], !value.isNull { return value }
        problems.add("'\(entry.key)' in '\(section)' is ?secret, and \(path) has no value for it", line: entry.line)
        return nil
    }

    private func secretsFile(_ path: String) throws(ConfigurationError) -> [YAMLNode.Entry] {
        let file = try ConfigurationFile.open(path)
        var problems = Problems(file: path)
        ConfigurationFile.requirePrivate(file, &problems)
        try problems.check()
        return try ConfigurationFile.mapping(file)
    }
}
