import Glibc

/// A path inside a mount of ours, which may not be there (any more).
struct MountedPath {
    /// The mount point.
    let root: String
    /// Below it; empty for the mount point itself.
    let relative: String

    /// Looks upwards for the mount that a path is in.
    init(_ path: String) throws(Failure) {
        let absolute = try Self.absolute(path)
        var parts = absolute.split(separator: "/").map(String.init)[...]
        var below: [String] = []
        while true {
            let root = "/" + parts.joined(separator: "/")
            if access(root == "/" ? "/.infrafs/version" : "\(root)/.infrafs/version", F_OK) == 0 {
                self.root = root
                relative = below.joined(separator: "/")
                return
            }
            guard let name = parts.popLast() else { break }
            below.insert(name, at: 0)
        }
        throw Failure(.noInput, "\(path) is in no infrafs mount: go into one, or name a path of one")
    }

    /// The provider it belongs to; nil at the mount point itself.
    var provider: String? {
        relative.split(separator: "/").first.map(String.init)
    }

    private static func absolute(_ path: String) throws(Failure) -> String {
        // The end of it may be what could not be made, or what cannot be reached in an outage.
        var (start, rest) = (path, [String]())
        while true {
            if let resolved = realPath(start.isEmpty ? "." : start) {
                return rest.isEmpty ? resolved : "\(resolved == "/" ? "" : resolved)/" + rest.joined(separator: "/")
            }
            let code = errno
            guard !start.isEmpty, start != "/" else { throw Failure(.noInput, "\(path): \(Standard.words(code))") }
            while start.count > 1, start.hasSuffix("/") { start.removeLast() }
            let slash = start.lastIndex(of: "/")
            rest.insert(String(start[(slash.map { start.index(after: $0) } ?? start.startIndex)...]), at: 0)
            start = slash.map { $0 == start.startIndex ? "/" : String(start[..<$0]) } ?? ""
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
