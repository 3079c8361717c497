import CFUSE

/// A part of a directory's listing, in the kernel's format: the answer to one readdir.
public struct DirectoryBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked: the memory has one owner, which moves with the value.
    private let memory: UnsafeMutableRawBufferPointer
    private let plus: Bool
    private var used = 0
    /// The inodes whose lookup count the kernel raises by taking this buffer.
    private(set) var lookedUp: [UInt64] = []

    /// An empty buffer for a readdir that asked for `capacity` bytes; `plus` as that readdir had it.
    public init(capacity: Int, plus: Bool) {
        memory = .allocate(byteCount: max(capacity, 0), alignment: MemoryLayout<UInt64>.alignment)
        self.plus = plus
    }

    deinit {
        memory.deallocate()
    }

    /// Adds a name with the file it leads to, unless the buffer is too full for it.
    ///
    /// The entry counts as a lookup if the readdir was a `plus`. An entry of inode 0 names the file without one, for `.`
    /// and `..` or where only type and number are known.
    /// - Parameter next: what the kernel hands back as the offset to go on after this name; never 0.
    /// - Returns: false if the name did not fit: reply with what is there.
    public mutating func append(_ name: String, _ entry: Entry, next: Int) -> Bool {
        guard plus else { return append(name, entry.attributes, next: next) }
        var parameters = entry.parameters
        let remaining = memory.count - used
        let size = name.withCString {
            fuse_add_direntry_plus(nil, position, remaining, $0, &parameters, next)
        }
        guard size <= remaining else { return false }
        used += size
        if entry.inode != 0, name != ".", name != ".." { lookedUp.append(entry.inode) }
        return true
    }

    /// Adds a name of which only the type (in the mode) and the user-visible number are told.
    ///
    /// - Parameter next: what the kernel hands back as the offset to go on after this name; never 0.
    /// - Returns: false if the name did not fit: reply with what is there.
    public mutating func append(_ name: String, _ attributes: Attributes, next: Int) -> Bool {
        guard !plus else {
            return append(name, Entry(inode: 0, attributes: attributes), next: next)
        }
        var stat = attributes.stat
        let remaining = memory.count - used
        let size = name.withCString { fuse_add_direntry(nil, position, remaining, $0, &stat, next) }
        guard size <= remaining else { return false }
        used += size
        return true
    }

    /// Whether nothing was added: as an answer it means the end of the directory.
    public var isEmpty: Bool { used == 0 }

    private var position: UnsafeMutablePointer<CChar>? {
        memory.baseAddress.map { ($0 + used).assumingMemoryBound(to: CChar.self) }
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<used]) }
}
