import Glibc

/// The directory to mount at.
enum MountPoint {
    /// Its absolute path, where something can be mounted: an empty directory, on nothing of our own. What a killed daemon
    /// left there is unmounted first, unless this is a dry run.
    static func prepare(_ path: String, dryRun: Bool = false) throws(Failure) -> String {
        let absolute = try resolve(path)
        if let mount = MountTable.current.covering(absolute), mount.type == "fuse.infrafs" {
            guard mount.path == absolute else {
                throw refusal(path, "it is inside the infrafs mount at \(mount.path): choose another directory")
            }
            guard isDead(absolute) else {
                throw refusal(path, "infrafs is already mounted there: run 'umount \(path)' first")
            }
            if !dryRun { try unmountDead(absolute) }
        }
        try requireEmptyDirectory(absolute, named: path)
        return absolute
    }

    /// The path without links and relative parts. That of a dead mount cannot be resolved, but its parent's can.
    private static func resolve(_ path: String) throws(Failure) -> String {
        if let resolved = realPath(path) { return resolved }
        let code = errno
        guard code == ENOTCONN else {
            let advice = code == ENOENT ? "run 'mkdir -p \(path)' first" : Standard.words(code)
            throw refusal(path, code == ENOENT ? "there is no such directory: \(advice)" : advice)
        }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let parts = trimmed.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
        guard let name = parts.last, let resolved = realPath(parent.isEmpty ? "/" : parent) else {
            throw refusal(path, Standard.words(errno))
        }
        return resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isDead(_ path: String) -> Bool {
        // statvfs(3) always asks the daemon; what stat(2) tells the kernel may have kept.
        var status = statvfs()
        return statvfs(path, &status) != 0 && errno == ENOTCONN
    }

    private static func unmountDead(_ path: String) throws(Failure) {
        if umount2(path, Int32(MNT_DETACH)) == 0 { return }
        let code = Subprocess.run(["fusermount3", "-u", "-z", path])
        guard code == 0 else {
            throw refusal(path, "a dead mount is there and cannot be removed: run 'fusermount3 -u -z \(path)'")
        }
    }

    private static func requireEmptyDirectory(_ absolute: String, named path: String) throws(Failure) {
        guard let directory = opendir(absolute) else {
            throw refusal(path, errno == ENOTDIR ? "it is not a directory" : Standard.words(errno))
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name == "." || name == ".." else {
                throw refusal(path, "the directory is not empty: choose an empty one")
            }
        }
    }

    private static func refusal(_ path: String, _ reason: String) -> Failure {
        Failure(.cannotMount, "cannot mount at \(path): \(reason)")
    }
}

/// What is mounted where, from proc_pid_mountinfo(5). Looking at paths instead could hang on a mount that does.
struct MountTable {
    struct Mount {
        let path: String
        let type: String
    }

    let mounts: [Mount]

    static var current: MountTable {
        MountTable(text: TextFile.read("/proc/self/mountinfo", limit: 1 << 24) ?? "")
    }

    init(text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { return nil }
            return Mount(path: Self.unescaped(fields[4]), type: String(fields[dash + 1]))
        }
    }

    /// The mount that a path is in: the last one of the longest prefix.
    func covering(_ path: String) -> Mount? {
        mounts.reversed().filter { mount in
            mount.path == "/" || path == mount.path || path.hasPrefix(mount.path + "/")
        }.max { $0.path.utf8.count < $1.path.utf8.count }
    }

    /// Space, tab, newline and backslash are three octal digits there.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 0x5C, digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
