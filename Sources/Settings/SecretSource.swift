import ProcessKit
import ProviderAPI
import YAMLKit

/// Where a secret comes from.
enum SecretSource {
    /// It stands in the file itself.
    case literal(Secret)
    /// A file that only its owner may read.
    case file(String)
    /// A variable of the environment.
    case environment(String)
    /// What a command prints.
    case command([String])

    private static let forms = "write {file: PATH}, {env: NAME} or {command: [WORD, ...]}"

    /// Reads `secret: TEXT`, or a mapping with one of `file`, `env` and `command`.
    init(_ node: YAMLNode) throws(ValueError) {
        guard let entries = node.entries else {
            guard let text = node.text else { throw ValueError("must be text, not \(node.kindName); or \(Self.forms)") }
            self = .literal(Secret(text))
            return
        }
        // The keys found are not shown: a password in braces is one.
        guard entries.count == 1, let entry = entries.first else {
            throw ValueError("has no known source: \(Self.forms)")
        }
        switch entry.key {
        case "file": self = .file(try Self.word(entry.value, "file"))
        case "env": self = .environment(try Self.word(entry.value, "env"))
        case "command": self = .command(try Self.words(entry.value))
        default: throw ValueError("has no known source: \(Self.forms)")
        }
    }

    /// Fetches it. Paths are relative to `directory`.
    func resolve(in context: ReadingContext, directory: String) throws(ValueError) -> Secret {
        switch self {
        case .literal(let secret): return secret
        case .file(let path): return try Self.read(path, in: context, directory: directory)
        case .environment(let name):
            guard let text = context.environment[name], !text.isEmpty else {
                throw ValueError("needs the environment variable \(name), which is not set")
            }
            return Secret(text)
        case .command(let words):
            return Secret(try Self.run(words, context.environment, deadline: .seconds(10)))
        }
    }

    private static func read(_ path: String, in context: ReadingContext, directory: String) throws(ValueError) -> Secret
    {
        var path = ConfigurationSource.expand(path, home: context.home)
        if !path.hasPrefix("/") { path = "\(directory)/\(path)" }
        do throws(ValueError) {
            let file = try PrivateFile(path)
            try file.requireUnreadableByOthers()
            let text = trimmed(file.text)
            guard !text.isEmpty else { throw ValueError("is empty") }
            return Secret(text)
        } catch {
            throw ValueError("names a file: \(path) \(error.message)")
        }
    }

    /// What a command prints, without one newline at the end.
    static func run(_ words: [String], _ environment: [String: String], deadline: Duration) throws(ValueError)
        -> String
    {
        let bytes: [UInt8]
        do {
            bytes = try Command(words, environment: environment).output(deadline: deadline)
        } catch {
            throw ValueError("runs a command: \(error.message)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValueError("runs a command: \(words[0]) printed something that is no text")
        }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { throw ValueError("runs a command: \(words[0]) printed nothing") }
        return trimmed
    }

    /// Without the one newline that echo and editors put at the end.
    static func trimmed(_ text: String) -> String {
        // A carriage return with a newline is one Character.
        guard text.utf8.last == 0x0A else { return text }
        var scalars = text.unicodeScalars
        scalars.removeLast()
        return String(scalars)
    }

    private static func word(_ node: YAMLNode, _ key: String) throws(ValueError) -> String {
        guard let text = node.text, !text.isEmpty else { throw ValueError("has an empty source '\(key)': \(forms)") }
        return text
    }

    private static func words(_ node: YAMLNode) throws(ValueError) -> [String] {
        guard let elements = node.elements, !elements.isEmpty else {
            throw ValueError("needs its command as a list of words: {command: [pass, show, aws]}")
        }
        var words: [String] = []
        for element in elements {
            guard let text = element.text else { throw ValueError("needs its command as a list of words") }
            words.append(text)
        }
        return words
    }
}
