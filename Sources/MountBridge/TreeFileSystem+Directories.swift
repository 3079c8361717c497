import FUSEKit
import Glibc
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    func opendir(_ inode: UInt64, _ request: consuming Request) {
        let attempt = attempt(.opendir, inode, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            let directory = try self.directory(inode)
            try self.handles.makeSureOfRoom()
            return try directory.reader(for: attempt.caller).map { OpenedDirectory(directory, $0) }
        } reply: { request, directory in
            request.reply(opened: OpenedFile(handle: self.handles.insert(directory)))
        }
    }

    func readdir(
        _ inode: UInt64, handle: UInt64, offset: Int, count: Int, plus: Bool, _ request: consuming Request
    ) {
        let attempt = attempt(.readdir, inode, by: request.caller)
        let limit = max(1, count / (plus ? Self.smallestEntryPlus : Self.smallestEntry))
        answer(request, attempt) { () throws(ProviderError) in
            guard let directory = self.handles.directory(handle) else {
                throw ProviderError(.replaced, "this directory is not open; open its path again")
            }
            return try directory.entries(
                from: max(0, offset - Self.dots.count), atStart: offset == 0, limit: limit, for: attempt.caller)
        } reply: { request, entries in
            var buffer = DirectoryBuffer(capacity: count, plus: plus)
            let told = self.fill(&buffer, with: entries, of: inode, from: offset, plus: plus)
            request.reply(directory: buffer)
            if !told.isEmpty { self.recheck(told, attempt) }
        }
    }

    func releasedir(_ inode: UInt64, handle: UInt64, _ request: consuming Request) {
        counts.count(.releasedir)
        _ = handles.remove(handle)
        request.succeed()
    }

    func fsyncdir(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request) {
        counts.count(.fsyncdir)
        request.succeed()
    }

    // MARK: Lines

    /// `.` and `..` are positions 0 and 1 of the kernel; the entries follow.
    private static let dots = [".", ".."]
    /// Bytes of the shortest line: fuse_dirent, and fuse_direntplus around it, with a name of up to 8 (linux/fuse.h).
    private static let smallestEntry = 32
    private static let smallestEntryPlus = 160
    /// What a listing says of a node whose number is not known (FUSE_UNKNOWN_INO of libfuse).
    private static let unknownInode: UInt64 = 0xffff_ffff

    /// Adds lines until the buffer is full; the numbers of the nodes that were told with attributes.
    private func fill(
        _ buffer: inout DirectoryBuffer, with entries: [DirectoryEntry], of directory: UInt64, from offset: Int,
        plus: Bool
    ) -> [UInt64] {
        var told: [UInt64] = []
        for position in min(offset, Self.dots.count)..<Self.dots.count {
            let isSelf = position == 0 || directory == InodeTable.rootID
            let attributes = Attributes(inode: isSelf ? directory : Self.unknownInode, mode: UInt32(S_IFDIR))
            guard buffer.append(Self.dots[position], attributes, next: position + 1) else { return told }
        }
        var next = max(offset, Self.dots.count)
        for entry in entries {
            next += 1
            guard let id = add(entry, to: &buffer, next: next, plus: plus) else { break }
            if id != 0 { told.append(id) }
        }
        return told
    }

    /// Adds a line; its number if it has attributes, 0 if it has not, nil if it did not fit.
    private func add(
        _ entry: DirectoryEntry, to buffer: inout DirectoryBuffer, next: Int, plus: Bool
    ) -> UInt64? {
        guard plus, let status = statusAtHand(entry.node) else {
            let attributes = Attributes(entry.node, inode: inodes.id(of: entry.node.inode))
            return buffer.append(entry.name, attributes, next: next) ? 0 : nil
        }
        let line = self.entry(for: FoundNode(node: entry.node, status: status))
        guard buffer.append(entry.name, line, next: next) else {
            inodes.forget(line.inode, count: 1)
            return nil
        }
        return line.inode
    }

    /// The status of a node, if it takes no waiting, and if it need not agree with content that is being read.
    private func statusAtHand(_ node: any Node) -> NodeStatus? {
        guard !inodes.isServing(inodes.id(of: node.inode)) else { return nil }
        guard case .success(.now(let status)) = Result(catching: { () throws(ProviderError) in try node.status() })
        else { return nil }
        return status
    }
}
