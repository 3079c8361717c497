import Glibc

/// A pattern of resources, `vms/prod-*`: a shell pattern over the path below a provider's directory.
public struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let pattern: String

    /// A pattern; nil where it is empty, begins with a slash, has an unclosed bracket or ends in a lone backslash.
    public init?(_ pattern: String) {
        guard !pattern.isEmpty, !pattern.hasPrefix("/"), Self.isClosed(pattern) else { return nil }
        self.pattern = pattern
    }

    /// As it was written.
    public var description: String { pattern }

    /// Whether a path (`vms/prod-1`) fits; `*` does not cross a slash.
    public func matches(_ path: String) -> Bool {
        fnmatch(pattern, path, FNM_PATHNAME) == 0
    }

    /// fnmatch(3) takes an unclosed bracket for itself, so a slip would protect nothing.
    private static func isClosed(_ pattern: String) -> Bool {
        var characters = Array(pattern)[...]
        while let first = characters.popFirst() {
            if first == "\\" {
                guard characters.popFirst() != nil else { return false }
            } else if first == "[" {
                if characters.first == "!" || characters.first == "^" { characters.removeFirst() }
                guard let end = characters.dropFirst().firstIndex(of: "]") else { return false }
                characters = characters[(end + 1)...]
            }
        }
        return true
    }
}
