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
        if let resolved = realPath(path) { return resolved }
        // The last part may be what could not be made.
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.count <= 1 ? "." : parts.dropLast().joined(separator: "/")
        guard let name = parts.last, let resolved = realPath(parent.isEmpty ? "/" : parent) else {
            throw Failure(.noInput, "\(path): \(Standard.words(errno))")
        }
        return "\(resolved)/\(name)"
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
