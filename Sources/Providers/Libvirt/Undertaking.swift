import FoundationEssentials
import Glibc

/// What an operation would leave behind, written down where a daemon that was killed leaves it for the next one: a file
/// with a lock (flock(2)), which ends with this process. It goes when this does.
final class Undertaking: Sendable {
    /// What the file says.
    struct Record: Codable, Hashable {
        /// The host, as it is connected to.
        let uri: String
        let owed: Owed
    }

    let record: Record
    /// When it was last known to go on, seconds since 1970: what is written later is not of the process that was killed.
    var lastSeen: Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? facts.st_mtim.tv_sec : 0
    }
    private let path: String
    private let descriptor: Int32

    private init(_ record: Record, path: String, descriptor: Int32) {
        self.record = record
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// Writes one down below a directory, which is made; nil where that cannot be, and then a killed daemon leaves what it
    /// leaves. No other process sees it before it is locked and whole.
    static func begin(_ record: Record, in directory: String) -> Undertaking? {
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard let bytes = try? JSONEncoder().encode(record) else { return nil }
        let name = UUID().uuidString
        let (path, draft) = ("\(directory)/\(name)", "\(directory)/.\(name)")
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        let isWhole =
            flock(descriptor, LOCK_EX | LOCK_NB) == 0
            && bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
            && rename(draft, path) == 0
        guard isWhole else {
            unlink(draft)
            close(descriptor)
            return nil
        }
        return Undertaking(record, path: path, descriptor: descriptor)
    }

    /// It still goes on.
    func touch() { futimens(descriptor, nil) }

    /// Those of processes that have ended, of one host; from now on they are this process'.
    static func left(in directory: String, uri: String) -> [Undertaking] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { !$0.hasPrefix(".") }.compactMap { take("\(directory)/\($0)", uri) }
    }

    private static func take(_ path: String, _ uri: String) -> Undertaking? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            let data = try? Data(contentsOf: URL(filePath: path)),
            let record = try? JSONDecoder().decode(Record.self, from: data), record.uri == uri
        else {
            close(descriptor)
            return nil
        }
        return Undertaking(record, path: path, descriptor: descriptor)
    }
}
