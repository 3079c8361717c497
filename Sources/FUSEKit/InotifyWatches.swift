import Glibc

/// What is watched of one file system with inotify(7), as /proc tells of every process (proc_pid_fdinfo(5)).
public struct InotifyWatches: Sendable, Hashable {
    /// The numbers of the inodes that are watched.
    public private(set) var inodes: Set<UInt64> = []
    /// Whether every process let itself be looked at; else there may be others.
    public private(set) var isComplete = true

    /// Looks at all processes but this one, which takes some milliseconds for each hundred of them.
    ///
    /// - Parameter device: the file system, by its `major:minor` in the mount table.
    public static func current(of device: String) -> InotifyWatches {
        var watches = InotifyWatches()
        let numbers = device.split(separator: ":").compactMap { UInt32($0) }
        guard numbers.count == 2, case .names(let processes) = names(in: "/proc") else {
            watches.isComplete = false
            return watches
        }
        // As the kernel prints it there: its own form of the number, not that of stat(2).
        let device = String(numbers[0] << 20 | numbers[1], radix: 16)
        let own = String(getpid())
        for process in processes where process.utf8.allSatisfy({ $0 < 0x3A }) && process != own {
            watches.look(at: "/proc/\(process)", for: device)
        }
        return watches
    }

    private mutating func look(at process: String, for device: String) {
        switch Self.names(in: "\(process)/fd") {
        case .refused: isComplete = false
        case .gone: break
        case .names(let descriptors):
            for descriptor in descriptors where Self.isInotify("\(process)/fd/\(descriptor)") {
                add(MountTable.contents(of: "\(process)/fdinfo/\(descriptor)"), device)
            }
        }
    }

    /// Reads lines such as `inotify wd:1 ino:5c6 sdev:2a mask:...`.
    private mutating func add(_ text: String, _ device: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("inotify ") {
            let fields = line.split(separator: " ")
            guard let inode = Self.value("ino:", fields), Self.value("sdev:", fields) == device,
                let number = UInt64(inode, radix: 16)
            else { continue }
            inodes.insert(number)
        }
    }

    private static func value(_ name: String, _ fields: [Substring]) -> String? {
        fields.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.utf8.count)) }
    }

    private static func isInotify(_ link: String) -> Bool {
        var target = [CChar](repeating: 0, count: 32)
        let count = readlink(link, &target, target.count)
        guard count > 0 else { return false }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == "anon_inode:inotify"
    }

    private enum Names {
        case names([String])
        case refused
        case gone
    }

    private static func names(in path: String) -> Names {
        guard let directory = opendir(path) else {
            return errno == EACCES || errno == EPERM ? .refused : .gone
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return .names(names)
    }
}
