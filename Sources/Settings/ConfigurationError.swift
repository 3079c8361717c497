/// Everything that is wrong with a configuration.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file; nil where no file is meant.
        public var file: String?
        /// From 1; 0 where the whole file is meant.
        public var line: Int
        /// Names the key and says what to do; one line, never a secret.
        public var message: String

        /// `FILE:LINE: MESSAGE`.
        public var description: String {
            guard let file else { return message }
            return line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)"
        }
    }

    /// At least one, in the order of the file.
    public var problems: [Problem]

    /// Several problems.
    public init(problems: [Problem]) {
        self.problems = problems
    }

    /// One problem.
    public init(_ message: String, file: String? = nil, line: Int = 0) {
        problems = [Problem(file: file, line: line, message: message)]
    }

    /// One problem a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// What is wrong with one value, before it is known where it stands: the rest of the sentence that begins with the key.
struct ValueError: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}

/// The problems of one file while it is read.
struct Problems {
    let file: String
    private(set) var found: [ConfigurationError.Problem] = []

    init(file: String) {
        self.file = file
    }

    mutating func add(_ message: String, line: Int = 0) {
        found.append(ConfigurationError.Problem(file: file, line: line, message: message))
    }

    mutating func add(_ problems: [ConfigurationError.Problem]) {
        found += problems
    }

    /// Throws them, by line, if there are any.
    func check() throws(ConfigurationError) {
        guard !found.isEmpty else { return }
        throw ConfigurationError(problems: found.sorted { $0.line < $1.line })
    }
}
