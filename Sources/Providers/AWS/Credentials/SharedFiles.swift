import FoundationEssentials

/// AWS's own configuration: `~/.aws/config` and `~/.aws/credentials`, as its tools read them.
struct SharedFiles: Sendable, Hashable {
    /// Sections of the configuration file by their whole name: `default`, `profile dev`, `services local`.
    private let config: [String: [String: String]]
    /// Sections of the credentials file: `default`, `dev`.
    private let credentials: [String: [String: String]]

    init(config: String = "", credentials: String = "") {
        self.config = Self.sections(of: config)
        self.credentials = Self.sections(of: credentials)
    }

    /// Reads them from where the environment says they are. One that is not there is empty.
    init(environment: [String: String]) {
        let home = environment["HOME"] ?? ""
        let expand = { (path: String) in path.hasPrefix("~/") ? home + path.dropFirst(1) : path }
        let read = { (path: String) in (try? String(contentsOfFile: expand(path), encoding: .utf8)) ?? "" }
        self.init(
            config: read(environment["AWS_CONFIG_FILE"] ?? "~/.aws/config"),
            credentials: read(environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials"))
    }

    /// The keys of a profile, those of the credentials file before those of the other; nil where neither has it.
    func profile(_ name: String) -> [String: String]? {
        let plain = name == "default" ? config["default"] ?? config["profile default"] : config["profile \(name)"]
        guard plain != nil || credentials[name] != nil else { return nil }
        return (plain ?? [:]).merging(credentials[name] ?? [:]) { $1 }
    }

    /// The keys of a section `services NAME`, each as `SERVICE.KEY`.
    func services(_ name: String) -> [String: String] { config["services \(name)"] ?? [:] }

    /// Sections and keys. A key without a value is followed by indented keys of its own: `KEY.SUBKEY`.
    private static func sections(of text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var section: String?
        var parent = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let isIndented = line.first?.isWhitespace ?? false
            let words = trimmed(line)
            guard let first = words.first, first != "#", first != ";" else { continue }
            if first == "[", let end = words.firstIndex(of: "]") {
                let name = words[words.index(after: words.startIndex)..<end]
                section = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                parent = ""
                continue
            }
            guard let section, let equals = words.firstIndex(of: "=") else { continue }
            let key = trimmed(words[..<equals]).lowercased()
            let value = String(withoutComment(trimmed(words[words.index(after: equals)...])))
            let name = isIndented && !parent.isEmpty ? "\(parent).\(key)" : key
            if !isIndented { parent = value.isEmpty ? key : "" }
            sections[section, default: [:]][name] = value
        }
        return sections
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }

    /// A comment after a value begins with a space.
    private static func withoutComment(_ value: Substring) -> Substring {
        for mark in [" #", " ;", "\t#", "\t;"] {
            if let range = value.firstRange(of: mark) { return trimmed(value[..<range.lowerBound]) }
        }
        return value
    }
}
