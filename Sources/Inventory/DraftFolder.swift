import FoundationEssentials
import Glibc
import ProviderAPI
import Synchronization

/// The directory that keeps the drafts and profiles of a provider, a file each. Mounts may share it: one of them changes
/// it at a time (flock(2)), and a count of the changes beside the drafts tells the others to look again. The count is odd
/// while a change is under way, and stays so where its maker was killed: what is read then is to be read again.
final class DraftFolder: Sendable {
    /// All drafts, by their names, by shelf.
    typealias Shelves = [String: [String: DraftStore.Draft]]

    private let path: String
    /// The file of the count; below zero while it was not found.
    private let count = Mutex<Int32>(-1)
    /// How long to wait for another mount that makes a change, in milliseconds.
    private static let patience = 1000

    /// The folder at a path; it is made when there is something to keep.
    init(_ path: String) {
        self.path = path
    }

    deinit {
        count.withLock { if $0 >= 0 { close($0) } }
    }

    /// How many changes there were; nil while one is under way.
    var changes: UInt64? {
        count.withLock { file in
            if file < 0 { file = open("\(path)/drafts.count", O_RDWR | O_CLOEXEC | O_NOFOLLOW) }
            return file < 0 ? 0 : Self.settled(Self.read(file))
        }
    }

    /// The folder while no other mount changes it.
    struct Turn {
        fileprivate let folder: DraftFolder
        fileprivate let file: Int32
        fileprivate let count: UInt64

        /// How many changes there were; nil where one was broken off.
        var changes: UInt64? { DraftFolder.settled(count) }

        /// Keeps some drafts of a shelf, or removes those that are nil, in order; the number of changes with this one.
        func keep(
            _ drafts: [(name: String, draft: DraftStore.Draft?)], on shelf: String
        ) throws(ProviderError) -> UInt64 {
            try folder.write(count | 1, to: file)
            let changes = (count | 1) + 1
            do throws(ProviderError) {
                for (name, draft) in drafts { try folder.keep(draft, name, shelf) }
            } catch {
                // It may have come after a part of them.
                try? folder.write(changes, to: file)
                throw error
            }
            try folder.write(changes, to: file)
            return changes
        }
    }

    /// Runs `body` while no other mount changes the folder. `busy` where one does and does not come to an end.
    func alone(_ body: (Turn) throws(ProviderError) -> Void) throws(ProviderError) {
        try count.withLock { file throws(ProviderError) in
            if file < 0 { file = try made() }
            try lock(file)
            defer { _ = flock(file, LOCK_UN) }
            try body(Turn(folder: self, file: file, count: Self.read(file)))
        }
    }

    fileprivate func keep(_ draft: DraftStore.Draft?, _ name: String, _ shelf: String) throws(ProviderError) {
        let folder = "\(path)/\(shelf)"
        let file = "\(folder)/\(KeptDraft.fileName(of: name))"
        do {
            guard let draft else { return try FileManager.default.removeItem(atPath: file) }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try KeptDraft(name, draft).encoded().write(to: URL(filePath: file), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        } catch {
            throw ProviderError(.failed, "the draft \(shelf)/\(name) cannot be kept in \(folder)", cause: "\(error)")
        }
    }

    /// What is kept. A file that is no draft is passed over.
    func shelves() -> Shelves {
        var shelves: Shelves = [:]
        for shelf in ["profiles"] + Kind.allCases.map({ "drafts/\($0.rawValue)" }) {
            let folder = "\(path)/\(shelf)"
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                guard file.hasSuffix(".json") else {
                    if file.hasPrefix(Self.restPrefix) { Self.removeRest("\(folder)/\(file)") }
                    continue
                }
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)"),
                    let kept = KeptDraft(data, in: file)
                else { continue }
                shelves[shelf, default: [:]][kept.name] = kept.draft
            }
        }
        return shelves
    }

    /// What Foundation's atomic writing names its files before they replace others.
    private static let restPrefix = ".dat.nosync"

    /// Removes what a daemon that was killed in the middle of writing left behind. Another may be writing just now.
    private static func removeRest(_ path: String) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let modified = attributes?[.modificationDate] as? Date, Date().timeIntervalSince(modified) > 60 else {
            return
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    fileprivate static func settled(_ count: UInt64) -> UInt64? { count & 1 == 0 ? count : nil }

    /// Makes the folder and the file of the count.
    private func made() throws(ProviderError) -> Int32 {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ProviderError(.failed, "drafts cannot be kept in \(path)", cause: "\(error)")
        }
        let file = open("\(path)/drafts.count", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure() }
        return file
    }

    private func lock(_ file: Int32) throws(ProviderError) {
        for _ in 0..<Self.patience {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw failure() }
            usleep(1000)
        }
        throw ProviderError(.busy, "another mount is changing the drafts in \(path)")
    }

    private static func read(_ file: Int32) -> UInt64 {
        var count: UInt64 = 0
        return pread(file, &count, 8, 0) == 8 ? count : 0
    }

    fileprivate func write(_ count: UInt64, to file: Int32) throws(ProviderError) {
        guard withUnsafeBytes(of: count, { pwrite(file, $0.baseAddress, 8, 0) }) == 8 else { throw failure() }
    }

    private func failure() -> ProviderError {
        ProviderError(.failed, "drafts cannot be kept in \(path)", cause: String(cString: strerror(errno)))
    }
}
