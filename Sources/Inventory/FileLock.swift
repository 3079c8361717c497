import FoundationEssentials
import Glibc

/// A lock that one process of all has (flock(2)), for as long as this lives.
final class FileLock: Sendable {
    /// Why it was not taken.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    /// Takes it, or says why not. The directory of its file is made.
    init(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Refusal(description: "\(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Refusal(description: "\(path): another mount has it")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
