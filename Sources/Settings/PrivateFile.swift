import Glibc

/// A file of text, and who else may read and change it.
struct PrivateFile {
    let path: String
    let text: String
    private let mode: mode_t

    /// Reads a regular file of at most a mebibyte of UTF-8. The error is the rest of a sentence after the path.
    init(_ path: String) throws(ValueError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw ValueError("cannot be read: \(Self.words(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ValueError("cannot be read: \(Self.words(errno))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ValueError("is not a regular file") }
        mode = status.st_mode & 0o777
        let limit = 1 << 20
        guard status.st_size <= limit else { throw ValueError("is larger than \(limit) bytes") }
        let bytes = try Self.bytes(of: descriptor, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ValueError("is not UTF-8 text") }
        self.text = text
    }

    /// Refuses a file that holds a secret and that group or others can read.
    func requireUnreadableByOthers() throws(ValueError) {
        guard mode & 0o044 == 0 else {
            throw ValueError("holds a secret and others can read it: run 'chmod 600 \(path)'")
        }
    }

    /// Refuses a file that everybody can change: it may name commands to run.
    func requireUnwritableByOthers() throws(ValueError) {
        guard mode & 0o002 == 0 else { throw ValueError("can be changed by anybody: run 'chmod o-w \(path)'") }
    }

    private static func bytes(of descriptor: Int32, limit: Int) throws(ValueError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ValueError("cannot be read: \(words(errno))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw ValueError("is larger than \(limit) bytes")
    }

    private static func words(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
