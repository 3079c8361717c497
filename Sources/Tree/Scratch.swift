import Inventory
import ProviderAPI
import Synchronization

/// The files that editors, `sed -i` and `rsync` make beside the one they write: bytes in memory, reachable by name, never
/// listed, gone some seconds after their last writer.
final class ScratchStore: Sendable {
    private struct Key: Hashable {
        var directory: UInt64
        var name: String
    }

    private struct Entry {
        var bytes: [UInt8] = []
        var opens = 0
        var idleSince: Duration
        var modified: Int64
    }

    static let fileLimit = 1 << 20
    static let totalLimit = 32 << 20
    private static let countLimit = 4096
    private static let lifetime = Duration.seconds(10)
    private static let full = ProviderError(.noSpace, "scratch files hold at most \(totalLimit) bytes in all")

    private let time: TimeSource
    private let entries = Mutex<[Key: Entry]>([:])

    init(time: TimeSource) {
        self.time = time
    }

    /// Whether a name is one that a tool makes for itself: hidden, a backup, a temporary file.
    static func isScratchName(_ name: String) -> Bool {
        if name.hasPrefix(".") || name.hasSuffix("~") || (name.hasPrefix("#") && name.hasSuffix("#")) { return true }
        if name.utf8.count == 9, name.hasPrefix("sed") { return true }
        if name == "4913" { return true }
        return [".swp", ".swx", ".tmp", ".bak", ".orig", ".new", ".part"].contains { name.hasSuffix($0) }
    }

    func exists(_ name: String, in directory: UInt64) -> Bool {
        withEntry(name, directory) { $0 != nil }
    }

    func create(_ name: String, in directory: UInt64) throws(ProviderError) {
        let now = (uptime: time.uptime(), wall: time.wall())
        let isFull = entries.withLock { entries -> Bool in
            // Not each time: a tool may make thousands at once.
            if entries.count >= Self.countLimit || entries.count.isMultiple(of: 64) { prune(&entries, now.uptime) }
            guard entries.count < Self.countLimit else { return true }
            entries[Key(directory: directory, name: name)] = Entry(idleSince: now.uptime, modified: now.wall)
            return false
        }
        if isFull { throw ProviderError(.noSpace, "too many scratch files at once") }
    }

    func remove(_ name: String, in directory: UInt64) -> Bool {
        entries.withLock { $0.removeValue(forKey: Key(directory: directory, name: name)) != nil }
    }

    func rename(_ name: String, in directory: UInt64, to newName: String, in newDirectory: UInt64) {
        entries.withLock { entries in
            guard let entry = entries.removeValue(forKey: Key(directory: directory, name: name)) else { return }
            entries[Key(directory: newDirectory, name: newName)] = entry
        }
    }

    func contents(_ name: String, in directory: UInt64) -> (bytes: [UInt8], modified: Int64)? {
        withEntry(name, directory) { entry in entry.map { ($0.bytes, $0.modified) } }
    }

    func write(_ bytes: [UInt8], at offset: Int, _ name: String, in directory: UInt64) throws(ProviderError) {
        guard (0...Self.fileLimit).contains(offset), offset + bytes.count <= Self.fileLimit else {
            throw ProviderError(.tooLarge, "a scratch file holds at most \(Self.fileLimit) bytes")
        }
        let now = time.wall()
        let isFull = entries.withLock { entries -> Bool in
            guard var entry = entries[Key(directory: directory, name: name)] else { return false }
            let end = offset + bytes.count
            guard hasRoom(for: end - entry.bytes.count, in: &entries) else { return true }
            entry.bytes.overwrite(bytes, at: offset)
            entry.modified = now
            entries[Key(directory: directory, name: name)] = entry
            return false
        }
        if isFull { throw Self.full }
    }

    func truncate(to size: Int, _ name: String, in directory: UInt64) throws(ProviderError) {
        guard (0...Self.fileLimit).contains(size) else {
            throw ProviderError(.tooLarge, "a scratch file holds at most \(Self.fileLimit) bytes")
        }
        let now = time.wall()
        let isFull = entries.withLock { entries -> Bool in
            let key = Key(directory: directory, name: name)
            guard let entry = entries[key], entry.bytes.count != size else { return false }
            guard hasRoom(for: size - entry.bytes.count, in: &entries) else { return true }
            entries[key]?.bytes.resize(to: size)
            entries[key]?.modified = now
            return false
        }
        if isFull { throw Self.full }
    }

    func opened(_ name: String, in directory: UInt64) {
        entries.withLock { $0[Key(directory: directory, name: name)]?.opens += 1 }
    }

    func closed(_ name: String, in directory: UInt64) {
        let now = time.uptime()
        entries.withLock { entries in
            let key = Key(directory: directory, name: name)
            entries[key]?.opens -= 1
            entries[key]?.idleSince = now
        }
    }

    private func withEntry<Result>(_ name: String, _ directory: UInt64, _ body: (Entry?) -> Result) -> Result {
        let now = time.uptime()
        return entries.withLock { entries in
            let key = Key(directory: directory, name: name)
            if let entry = entries[key], entry.opens <= 0, now - entry.idleSince > Self.lifetime { entries[key] = nil }
            return body(entries[key])
        }
    }

    /// Whether so many more bytes fit; what nobody uses any more makes room.
    private func hasRoom(for more: Int, in entries: inout [Key: Entry]) -> Bool {
        func fits() -> Bool { entries.values.reduce(0) { $0 + $1.bytes.count } + max(0, more) <= Self.totalLimit }
        if fits() { return true }
        prune(&entries, time.uptime())
        return fits()
    }

    private func prune(_ entries: inout [Key: Entry], _ now: Duration) {
        entries = entries.filter { $0.value.opens > 0 || now - $0.value.idleSince <= Self.lifetime }
    }
}

extension [UInt8] {
    /// Puts bytes there, with zeros before them where it was shorter.
    mutating func overwrite(_ bytes: [UInt8], at offset: Int) {
        if count < offset { append(contentsOf: [UInt8](repeating: 0, count: offset - count)) }
        let end = Swift.min(count, offset + bytes.count)
        replaceSubrange(offset..<end, with: bytes)
    }

    /// Cuts it, or fills it up with zeros.
    mutating func resize(to size: Int) {
        if size < count {
            removeSubrange(size...)
        } else {
            append(contentsOf: [UInt8](repeating: 0, count: size - count))
        }
    }

    /// Up to `count` bytes from `offset`.
    func slice(from offset: Int, _ length: Int) -> [UInt8] {
        guard offset < count else { return [] }
        return Array(self[offset..<Swift.min(count, offset + length)])
    }
}
