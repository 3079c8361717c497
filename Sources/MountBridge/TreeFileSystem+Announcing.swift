import FUSEKit
import Glibc
import Tree

extension TreeFileSystem {
    /// Answers a lookup of our own for a name that is being announced, as the kernel must see it to go on; false where
    /// it is none of those.
    func answersClaim(_ request: borrowing Request, on name: String, in parent: UInt64) -> LookupAnswer? {
        guard let touching = announcer?.touching, let claim = claim(on: name, in: parent, by: request.caller) else {
            return nil
        }
        return claim == .appears ? .absent : .entry(vanishing(touching))
    }

    /// What a lookup of our own is told.
    enum LookupAnswer {
        case absent
        case entry(Entry)
    }

    /// What a request of our own says of a name; nil for everybody else's.
    func claim(on name: String, in parent: UInt64, by caller: FUSEKit.Caller) -> Touching.Claim? {
        guard let touching = announcer?.touching, touching.isOwn(caller), let path = inodes.node(parent)?.path else {
            return nil
        }
        return touching.claim(on: path.isEmpty ? name : "\(path)/\(name)", by: caller)
    }

    /// Notes a name that the kernel has told watchers of.
    func noteLocal(_ name: String, in parent: UInt64) {
        guard let announcer, let path = inodes.node(parent)?.path else { return }
        announcer.noteLocal(path.isEmpty ? name : "\(path)/\(name)")
    }

    /// A directory that is not there, for the kernel to remove.
    func vanishing(_ touching: Touching) -> Entry {
        let number = touching.nextVanishing()
        return Entry(
            inode: number,
            attributes: Attributes(inode: number, mode: S_IFDIR | 0o700, uid: options.uid, gid: options.gid),
            attributeTimeout: 3600, entryTimeout: 0)
    }
}
