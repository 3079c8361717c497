/// Why a document cannot be read.
public struct XMLError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, and where.
    public let description: String
}
