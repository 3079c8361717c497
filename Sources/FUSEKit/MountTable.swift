import Glibc

/// What is mounted where, as /proc/self/mountinfo tells it (proc(5)).
struct MountTable {
    /// One line of the table.
    struct Mount: Hashable {
        /// `major:minor` of the file system.
        let device: String
        /// The absolute path.
        let path: String
        /// The file system's type, such as `ext4` or `fuse.sshfs`.
        let type: String
        /// What is mounted.
        let source: String
    }

    /// In the order of mounting.
    let mounts: [Mount]

    /// The table as it is now; empty if it cannot be read.
    static func current() -> MountTable {
        MountTable(text: contents(of: "/proc/self/mountinfo"))
    }

    init(text: String) {
        mounts = text.split(separator: "\n").compactMap { Self.parse($0) }
    }

    /// What was mounted last at exactly this path, which hides what was there before.
    func top(at path: String) -> Mount? {
        mounts.last { $0.path == path }
    }

    /// The mount that a path is in, itself included.
    func holding(_ path: String) -> Mount? {
        let above = mounts.filter { $0.path == path || $0.path == "/" || path.hasPrefix($0.path + "/") }
        guard let longest = above.map(\.path.utf8.count).max() else { return nil }
        return above.last { $0.path.utf8.count == longest }
    }

    /// Reads `36 35 98:0 /root /path options shared:1 - type source options`.
    private static func parse(_ line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard let separator = fields.firstIndex(of: "-"), separator >= 6, fields.count > separator + 2 else {
            return nil
        }
        return Mount(
            device: String(fields[2]), path: unescaped(fields[4]), type: unescaped(fields[separator + 1]),
            source: unescaped(fields[separator + 2]))
    }

    /// Space, tab, newline and backslash are written as `\` and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Substring(field).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(Substring(rest.prefix(3))), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of a file whose size is not known beforehand.
    static func contents(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
