import ProviderAPI
import YAMLKit

/// Reads this program's own format, infrafs.yaml(5).
struct NativeReader {
    private let context: ReadingContext
    private let file: PrivateFile
    private var problems: Problems
    private var holdsSecret = false

    static func read(_ path: String, context: ReadingContext) throws(ConfigurationError) -> Configuration {
        let file = try ConfigurationFile.open(path)
        var reader = NativeReader(context: context, file: file, problems: Problems(file: path))
        return try reader.configuration(try ConfigurationFile.mapping(file))
    }

    private mutating func configuration(_ root: [YAMLNode.Entry]) throws(ConfigurationError) -> Configuration {
        var configuration = Configuration(providers: [], source: file.path)
        for entry in root {
            switch entry.key {
            case "providers": configuration.providers = providers(entry)
            case "mount": configuration.mount = mount(entry)
            default:
                let hint = Suggestion.hint(for: entry.key, among: ["providers", "mount"])
                problems.add("unknown key '\(entry.key)'\(hint)", line: entry.line)
            }
        }
        if !root.contains(where: { $0.key == "providers" }) {
            problems.add("has no 'providers': name at least one, such as {lab: {type: kvm}}")
        }
        if holdsSecret { ConfigurationFile.requirePrivate(file, &problems) }
        try problems.check()
        return configuration
    }

    private mutating func providers(_ section: YAMLNode.Entry) -> [ProviderEntry] {
        guard let entries = section.value.entries, !entries.isEmpty else {
            problems.add(
                "'providers' must be a mapping of names to providers, such as {lab: {type: kvm}}, not "
                    + (section.value.entries == nil ? section.value.kindName : "an empty one"), line: section.line)
            return []
        }
        return entries.compactMap { provider($0) }
    }

    private mutating func provider(_ section: YAMLNode.Entry) -> ProviderEntry? {
        if let fault = ProviderReader.fault(inName: section.key) {
            problems.add("impossible provider name '\(section.key)': \(fault)", line: section.line)
        }
        guard let entries = section.value.entries else {
            problems.add(
                "provider '\(section.key)' must be a mapping such as {type: kvm}, not \(section.value.kindName)",
                line: section.line)
            return nil
        }
        guard let registration = registration(of: section) else { return nil }
        var reader = ProviderReader(
            noun: "provider", name: section.key, registration: registration, context: context,
            directory: ConfigurationFile.directory(of: file.path))
        for entry in entries where entry.key != "type" {
            guard !reader.take(entry.key, entry.value, line: entry.line, problems: &problems) else { continue }
            let hint = Suggestion.hint(for: entry.key, among: reader.keys)
            problems.add("unknown key '\(entry.key)' in provider '\(section.key)'\(hint)", line: entry.line)
        }
        holdsSecret = holdsSecret || reader.holdsSecret
        return reader.entry(line: section.line, problems: &problems)
    }

    private mutating func registration(of section: YAMLNode.Entry) -> ProviderRegistration? {
        let types = context.types.joined(separator: ", ")
        guard let entry = section.value.entries?.first(where: { $0.key == "type" }), let type = entry.value.text else {
            problems.add("provider '\(section.key)' needs 'type': one of \(types)", line: section.line)
            return nil
        }
        guard let registration = context.registration(of: type) else {
            problems.add(
                "unknown type '\(type)' in provider '\(section.key)': one of \(types)", line: entry.line)
            return nil
        }
        return registration
    }

    private mutating func mount(_ section: YAMLNode.Entry) -> MountSettings {
        var settings = MountSettings()
        guard let entries = section.value.entries else {
            problems.add("'mount' must be a mapping such as {allow_other: false}", line: section.line)
            return settings
        }
        for entry in entries {
            guard let text = entry.value.text else {
                problems.add("'\(entry.key)' in 'mount' must be one value", line: entry.line)
                continue
            }
            if let fault = settings.set(entry.key, to: text) {
                problems.add("'\(entry.key)' in 'mount' \(fault)", line: entry.line)
            }
        }
        return settings
    }
}
