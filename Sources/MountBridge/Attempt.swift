import FUSEKit
import ProviderAPI
import Tree

/// One request as messages and the audit trail name it.
struct Attempt: Sendable {
    /// The operation, as FUSE calls it.
    let operation: KernelOperation
    /// The node that was asked, by the kernel's number.
    let id: UInt64
    /// The name in it, where there is one.
    var name: String?
    /// The other directory of a rename.
    var other: UInt64?
    /// Who asked.
    let caller: NodeCaller
    /// How many changes the tree had told when the request came.
    let changes: UInt64
    /// Whether it is a touch of our own.
    var isOwn = false

    /// Whether a failure is worth a line: a look at what is not there is not, nor is a caller who went away.
    func isReported(_ code: ProviderError.Code) -> Bool {
        guard !isOwn else { return false }
        return switch code {
        case .notFound: operation != .lookup
        case .noAttribute: operation != .getxattr
        case .cancelled: false
        default: true
        }
    }

    /// The nodes whose locks the kernel may hold until this is answered.
    var directories: [UInt64] { other.map { [id, $0] } ?? [id] }
}

extension NodeCaller {
    /// The process that the kernel names.
    init(_ caller: FUSEKit.Caller) {
        self.init(uid: caller.uid, gid: caller.gid, pid: caller.pid)
    }
}
