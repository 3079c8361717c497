import FUSEKit
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    /// What an open gives: content for all to share, or a file of its own.
    private enum Opening: Sendable {
        case content(Content)
        case file(any NodeFile)
    }

    func open(_ inode: UInt64, flags: OpenFlags, _ request: consuming Request) {
        let attempt = attempt(.open, inode, by: request.caller)
        let mode = OpenMode(flags)
        answer(request, attempt, patience: options.deadline) { () throws(ProviderError) -> Answer<Opening> in
            let file = try self.file(inode)
            if !mode.writing, !mode.truncating, let content = try file.content() {
                return try content.map { .content($0) }
            }
            try self.handles.makeSureOfRoom()
            return try file.open(mode, by: attempt.caller).map { .file($0) }
        } unwanted: { opening in
            if case .file(let file) = opening { Self.close(file) }
        } reply: { request, opening in
            switch opening {
            case .content(let content): self.reply(request, content, of: inode, flags)
            case .file(let file): request.reply(opened: self.keep(file, flags))
            }
        }
    }

    /// Opens a file whose pages the kernel may keep.
    ///
    /// With pages kept and no flush, an unchanged file costs this one round trip. The kernel cuts cached reads at the
    /// size it has, and an open does not renew that: so where the size is from before, the attributes go first, and the
    /// first read asks for them. They come with the content that is served from now on (``status(of:_:handle:)``).
    private func reply(_ request: consuming Request, _ content: Content, of id: UInt64, _ flags: OpenFlags) {
        let opening = inodes.open(id, content)
        if opening.hasOldAttributes { invalidator.dropAttributesNow(id) }
        guard !opening.isApart else {
            return request.reply(opened: keep(ContentFile(bytes: content.bytes), flags))
        }
        request.reply(opened: OpenedFile(keepCache: opening.keepsPages, noFlush: true))
    }

    func create(
        _ name: String, in parent: UInt64, mode: UInt32, flags: OpenFlags, _ request: consuming Request
    ) {
        let attempt = attempt(.create, parent, name, by: request.caller)
        answer(request, attempt, patience: options.deadline) { () throws(ProviderError) -> Answer<MadeFile> in
            let directory = try self.directory(parent)
            try self.handles.makeSureOfRoom()
            return try self.make(name, in: directory, flags, for: attempt.caller).then { created in
                self.madeFile(created)
            }
        } unwanted: { made in
            Self.close(made.file)
        } reply: { request, made in
            let entry = self.entry(for: made.found)
            request.reply(created: entry, opened: self.keep(made.file, flags))
            self.recheck([entry.inode], attempt)
        }
    }

    /// A file that was made, with its status.
    private struct MadeFile: Sendable {
        let found: FoundNode
        let file: any NodeFile
    }

    private func madeFile(_ created: CreatedFile) -> Answer<MadeFile> {
        switch made(created.node) {
        case .now(let found): return .now(MadeFile(found: found, file: created.file))
        case .later(let body):
            return .later { () async throws(ProviderError) in
                MadeFile(found: try await body(), file: created.file)
            }
        }
    }

    /// Makes a file, or opens the one that somebody else has made since the kernel looked.
    private func make(
        _ name: String, in directory: any DirectoryNode, _ flags: OpenFlags, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<CreatedFile> {
        let isExclusive = flags.contains(.exclusive)
        if let file = try directory.openFile(name, OpenMode(flags), exclusive: isExclusive, by: caller) { return file }
        let existing = Result { () throws(ProviderError) in try directory.child(name, for: caller) }
        switch existing {
        case .success(.now(let node)): return try Self.open(node, flags, for: caller)
        case .failure(let error) where error.code == .notFound:
            return try directory.createFile(name, by: caller)
        case .failure(let error): throw error
        case .success(let later):
            return .later { () async throws(ProviderError) in
                switch await later.outcome() {
                case .success(let node): return try await Self.open(node, flags, for: caller).value()
                case .failure(let error) where error.code == .notFound:
                    return try await directory.createFile(name, by: caller).value()
                case .failure(let error): throw error
                }
            }
        }
    }

    private static func open(
        _ node: any Node, _ flags: OpenFlags, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<CreatedFile> {
        guard !flags.contains(.exclusive) else { throw ProviderError(.alreadyExists, "\(node.path) exists already") }
        guard let file = node.asFile else {
            throw ProviderError(.isDirectory, "\(node.path) is a directory")
        }
        return try file.open(OpenMode(flags), by: caller).map { CreatedFile(node: file, file: $0) }
    }

    // MARK: Handles

    /// Gives a file a handle. It is read and written without the page cache, so its writes report their errors and its
    /// reads are not cut at a size from before.
    private func keep(_ file: any NodeFile, _ flags: OpenFlags) -> FUSEKit.OpenedFile {
        let handle = handles.insert(.init(file: file, isNonBlocking: flags.contains(.nonBlocking)))
        return FUSEKit.OpenedFile(
            handle: handle, directIO: true, noFlush: !file.wantsFlush, isStream: file.isStream)
    }

    func release(_ inode: UInt64, handle: UInt64, flags: OpenFlags, _ request: consuming Request) {
        counts.count(.release)
        if handle == 0 {
            inodes.close(inode)
        } else {
            abandon(handle)
        }
        request.succeed()
    }

    func abandon(_ handle: UInt64) {
        if let file = handles.remove(handle) { Self.close(file) }
    }

    private static func close(_ file: any NodeFile) {
        Task { await file.close() }
    }
}

/// Content that is served to one opening only, by itself.
private struct ContentFile: NodeFile {
    let bytes: [UInt8]
    var size: Int? { bytes.count }

    func read(offset: Int, count: Int, by caller: NodeCaller) throws(ProviderError) -> Answer<[UInt8]> {
        .now(Array(bytes.dropFirst(offset).prefix(count)))
    }
}

extension OpenMode {
    /// The mode that open(2) was asked for.
    init(_ flags: OpenFlags) {
        self.init(
            reading: flags.isReadable, writing: flags.isWritable, truncating: flags.contains(.truncate),
            appending: flags.contains(.append))
    }
}
