/// Why a text is no YAML document that this package takes, and where.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in one line without the position.
    public var message: String
    /// From 1; 0 where the position is not known.
    public var line: Int
    /// From 1, in characters; 0 where the position is not known.
    public var column: Int

    /// An error at a position.
    public init(_ message: String, line: Int = 0, column: Int = 0) {
        self.message = message
        self.line = line
        self.column = column
    }

    /// `LINE:COLUMN: MESSAGE`.
    public var description: String {
        line > 0 ? "\(line):\(column): \(message)" : message
    }
}
