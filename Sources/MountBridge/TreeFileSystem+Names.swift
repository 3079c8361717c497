import FUSEKit
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    func mkdir(_ name: String, in parent: UInt64, mode: UInt32, _ request: consuming Request) {
        // What we announce is there already.
        if claim(on: name, in: parent, by: request.caller) == .appears { return find(name, in: parent, request) }
        let attempt = attempt(.mkdir, parent, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.directory(parent).makeDirectory(name, by: attempt.caller)
                .then { node in self.made(node) }
        } reply: { request, found in
            self.noteLocal(name, in: parent)
            self.reply(request, found, attempt)
        }
    }

    func unlink(_ name: String, in parent: UInt64, _ request: consuming Request) {
        let attempt = attempt(.unlink, parent, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.directory(parent).removeFile(name, by: attempt.caller)
        } reply: { request, _ in
            request.succeed()
        }
    }

    func rmdir(_ name: String, in parent: UInt64, _ request: consuming Request) {
        // What we announce is gone already.
        if claim(on: name, in: parent, by: request.caller) == .vanishes { return request.succeed() }
        let attempt = attempt(.rmdir, parent, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.directory(parent).removeDirectory(name, by: attempt.caller)
        } reply: { request, _ in
            self.noteLocal(name, in: parent)
            request.succeed()
        }
    }

    func mknod(_ name: String, in parent: UInt64, mode: UInt32, device: UInt64, _ request: consuming Request) {
        refuse(request, attempt(.mknod, parent, name, by: request.caller), "special files cannot be made here")
    }

    func symlink(_ name: String, in parent: UInt64, target: String, _ request: consuming Request) {
        refuse(request, attempt(.symlink, parent, name, by: request.caller), "symbolic links cannot be made here")
    }

    func link(_ inode: UInt64, to newName: String, in newParent: UInt64, _ request: consuming Request) {
        refuse(request, attempt(.link, newParent, newName, by: request.caller), "hard links cannot be made here")
    }

    private func refuse(_ request: consuming Request, _ attempt: Attempt, _ message: String) {
        fail(request, ProviderError(.notPermitted, message), attempt)
    }

    // MARK: rename

    func rename(
        _ name: String, in parent: UInt64, to newName: String, in newParent: UInt64, flags: RenameFlags,
        _ request: consuming Request
    ) {
        let attempt = attempt(.rename, parent, name, other: newParent, by: request.caller)
        // rename(2): EINVAL for a flag that the file system does not support (an exchange of names).
        guard flags.subtracting(.noReplace).isEmpty else { return request.fail(ErrorNumber(.invalidValue).errno) }
        answer(request, attempt, patience: patience(newParent)) { () throws(ProviderError) in
            let (from, to) = (try self.directory(parent), try self.directory(newParent))
            return try self.move(
                name, of: from, to: newName, of: to, replacing: !flags.contains(.noReplace), for: attempt.caller)
        } reply: { request, old in
            self.noteLocal(name, in: parent)
            self.noteLocal(newName, in: newParent)
            request.succeed()
            // The kernel lets the new name lead to the number that the old one had.
            self.invalidator.drop(
                nodes: [old],
                names: [
                    .init(parent: newParent, name: newName, removed: nil),
                    .init(parent: parent, name: name, removed: nil),
                ])
        }
    }

    /// Moves a node; the answer is the number that the kernel knows it by.
    private func move(
        _ name: String, of parent: any DirectoryNode, to newName: String, of newParent: any DirectoryNode,
        replacing: Bool, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<UInt64> {
        try parent.child(name, for: caller).then { (node) throws(ProviderError) in
            let id = self.inodes.id(of: node.inode)
            let (old, new) = (node.path, "\(newParent.path)/\(newName)")
            return try newParent.adopt(
                node, named: name, from: parent, as: newName, replacing: replacing, by: caller
            ).then {
                if node.isBulk, node.asDirectory != nil { self.moveAll(below: old, to: new) }
                return self.succeed(id, newName, of: newParent, for: caller)
            }
        }
    }

    /// What the kernel knows below a directory goes with it: it asks for it by the same numbers.
    private func moveAll(below old: String, to new: String) {
        for id in inodes.ids(below: old) {
            if let node = inodes.node(id), node.path != old, let moved = node.moved(from: old, to: new) {
                inodes.replace(id, with: moved)
            }
        }
    }

    /// Makes the number of a node that was moved stand for what has the new name. That may be another node (a draft
    /// that became a machine, scratch that became a value), and until the kernel looks the name up again, it asks for
    /// the old.
    private func succeed(
        _ id: UInt64, _ name: String, of parent: any DirectoryNode, for caller: NodeCaller
    ) -> Answer<UInt64> {
        let child = Result { () throws(ProviderError) in try parent.child(name, for: caller) }
        guard case .success(let answer) = child else { return .now(id) }
        switch answer {
        case .now(let node):
            inodes.replace(id, with: node)
            return .now(id)
        case .later:
            return .later { () async throws(ProviderError) in
                if case .success(let node) = await answer.outcome() { self.inodes.replace(id, with: node) }
                return id
            }
        }
    }
}
