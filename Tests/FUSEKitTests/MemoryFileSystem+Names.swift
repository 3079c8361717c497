import FUSEKit
import Glibc
import Synchronization
import SystemPackage

extension MemoryFileSystem {
    func lookup(_ name: String, in parent: UInt64, _ request: consuming Request) {
        let entry = state.withLock { state in
            state.log.append("lookup \(name)")
            return state.children(parent)?[name].flatMap { state.lookedUp($0) }
        }
        guard let entry else { return request.fail(.noSuchFileOrDirectory) }
        request.reply(entry: entry)
    }

    func mkdir(_ name: String, in parent: UInt64, mode: UInt32, _ request: consuming Request) {
        make(name, .directory([:]), in: parent, mode: mode, request)
    }

    func symlink(_ name: String, in parent: UInt64, target: String, _ request: consuming Request) {
        make(name, .link(target), in: parent, mode: 0o777, request)
    }

    private func make(_ name: String, _ kind: Kind, in parent: UInt64, mode: UInt32, _ request: consuming Request) {
        let entry = state.withLock { state in
            state.lookedUp(state.add(name, kind, to: parent, permissions: mode & 0o7777))
        }
        guard let entry else { return request.fail(.ioError) }
        request.reply(entry: entry)
    }

    func create(_ name: String, in parent: UInt64, mode: UInt32, flags: OpenFlags, _ request: consuming Request) {
        let entry = state.withLock { state in
            state.log.append("create \(name) writable=\(flags.isWritable) exclusive=\(flags.contains(.exclusive))")
            return state.lookedUp(state.add(name, .file([]), to: parent, permissions: mode & 0o7777))
        }
        guard let entry else { return request.fail(.ioError) }
        request.reply(created: entry, opened: OpenedFile(handle: 7))
    }

    func unlink(_ name: String, in parent: UInt64, _ request: consuming Request) {
        state.withLock { $0.setChild(name, of: parent, to: nil) }
        request.succeed()
    }

    func rmdir(_ name: String, in parent: UInt64, _ request: consuming Request) {
        let isEmpty = state.withLock { state in
            let isEmpty = state.children(parent)?[name].flatMap { state.children($0) }?.isEmpty ?? false
            if isEmpty { state.setChild(name, of: parent, to: nil) }
            return isEmpty
        }
        guard isEmpty else { return request.fail(.directoryNotEmpty) }
        request.succeed()
    }

    func rename(
        _ name: String, in parent: UInt64, to newName: String, in newParent: UInt64, flags: RenameFlags,
        _ request: consuming Request
    ) {
        let error = state.withLock { state -> Errno? in
            guard let moved = state.children(parent)?[name] else { return .noSuchFileOrDirectory }
            let replaced = state.children(newParent)?[newName]
            if flags.contains(.noReplace), replaced != nil { return .fileExists }
            state.setChild(name, of: parent, to: flags.contains(.exchange) ? replaced : nil)
            state.setChild(newName, of: newParent, to: moved)
            return nil
        }
        if let error { return request.fail(error) }
        request.succeed()
    }

    func readdir(
        _ inode: UInt64, handle: UInt64, offset: Int, count: Int, plus: Bool, _ request: consuming Request
    ) {
        let buffer = state.withLock { state in
            state.log.append(plus ? "readdirplus" : "readdir")
            var buffer = DirectoryBuffer(capacity: count, plus: plus)
            let names = (state.children(inode) ?? [:]).sorted { $0.key < $1.key }
            for (index, (name, child)) in names.enumerated().dropFirst(offset) {
                guard let attributes = state.attributes(child) else { continue }
                let entry = Entry(
                    inode: child, attributes: attributes, attributeTimeout: state.timeout, entryTimeout: state.timeout)
                guard buffer.append(name, entry, next: index + 1) else { break }
                if plus { state.nodes[child]?.lookups += 1 }
            }
            return buffer
        }
        request.reply(directory: buffer)
    }
}
