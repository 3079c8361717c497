import Inventory
import ProviderAPI

/// A scratch file of an editor.
struct ScratchFile: FileNode {
    let store: ScratchStore
    let directory: UInt64
    let directoryPath: String
    let name: String

    var inode: UInt64 { Identity.inode("scratch", String(directory), name) }
    var path: String { "\(directoryPath)/\(name)" }

    /// What it holds now.
    var bytes: [UInt8] { store.contents(name, in: directory)?.bytes ?? [] }

    /// Ends it: its content has become a value.
    func remove() { _ = store.remove(name, in: directory) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        guard let contents = store.contents(name, in: directory) else {
            throw ProviderError(.notFound, "there is no \(path)")
        }
        return .now(
            NodeStatus(
                .file, isWritable: true, size: contents.bytes.count, modified: contents.modified, validity: .none))
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        if mode.truncating { try store.truncate(to: 0, name, in: directory) }
        store.opened(name, in: directory)
        return .now(OpenScratch(store: store, directory: directory, name: name, isAppending: mode.appending))
    }

    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        try store.truncate(to: size, name, in: directory)
        return .done
    }
}

extension ScratchStore {
    /// The scratch file of that name in a directory; nil where there is none.
    func file(_ name: String, in directory: some DirectoryNode) -> ScratchFile? {
        guard exists(name, in: directory.inode) else { return nil }
        return ScratchFile(store: self, directory: directory.inode, directoryPath: directory.path, name: name)
    }

    /// Makes a scratch file in a directory, and opens it.
    func make(
        _ name: String, in directory: some DirectoryNode, by caller: Caller
    ) throws(ProviderError) -> Answer<CreatedFile> {
        try create(name, in: directory.inode)
        let node = ScratchFile(store: self, directory: directory.inode, directoryPath: directory.path, name: name)
        return try node.open(OpenMode(writing: true), by: caller).map { CreatedFile(node: node, file: $0) }
    }
}

private struct OpenScratch: OpenedFile {
    let store: ScratchStore
    let directory: UInt64
    let name: String
    let isAppending: Bool

    var size: Int? { store.contents(name, in: directory)?.bytes.count }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        .now(store.contents(name, in: directory)?.bytes.slice(from: offset, count) ?? [])
    }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        try store.write(bytes, at: isAppending ? size ?? offset : offset, name, in: directory)
        return .now(bytes.count)
    }

    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        try store.truncate(to: size, name, in: directory)
        return .done
    }

    func close() async { store.closed(name, in: directory) }
}
