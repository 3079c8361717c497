import FUSEKit
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    /// Where the attributes of nodes are; no other has any. Access control lists and security labels are asked for at
    /// nearly every step of nearly every tool, so they are answered without a look.
    private static let namespace = "user.infrafs."
    /// `XATTR_CREATE` and `XATTR_REPLACE` of setxattr(2).
    private static let (create, replace): (Int32, Int32) = (1, 2)

    func getxattr(_ inode: UInt64, name: String, capacity: Int, _ request: consuming Request) {
        guard name.hasPrefix(Self.namespace) else {
            counts.count(.getxattr)
            let isKept = name.hasPrefix("user.") || name.hasPrefix("security.")
            return request.fail((isKept ? ErrorNumber.noAttribute : .attributeNotKept).errno)
        }
        answer(request, attempt(.getxattr, inode, name, by: request.caller)) { () throws(ProviderError) in
            try self.node(inode).extendedAttribute(name)
        } reply: { request, value in
            request.reply(extended: value, capacity: capacity)
        }
    }

    func listxattr(_ inode: UInt64, capacity: Int, _ request: consuming Request) {
        answer(request, attempt(.listxattr, inode, by: request.caller)) { () throws(ProviderError) in
            .now(try self.node(inode).extendedAttributes)
        } reply: { request, names in
            request.reply(extendedNames: names, capacity: capacity)
        }
    }

    /// Most of those of nodes are facts: setting one is a success without effect, as chmod and touch are, so that a backup
    /// taken with `tar --xattrs` can be put back. Others than the tree's own are refused in the words that copying tools
    /// pass over.
    func setxattr(
        _ inode: UInt64, name: String, value: UnsafeRawBufferPointer, flags: Int32, _ request: consuming Request
    ) {
        guard name.hasPrefix(Self.namespace) else {
            counts.count(.setxattr)
            return request.fail(ErrorNumber.attributeNotKept.errno)
        }
        let value = Array(value)
        let condition: AttributeCondition =
            switch flags {
            case Self.create: .absent
            case Self.replace: .present
            default: .none
            }
        let attempt = attempt(.setxattr, inode, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.node(inode).setExtendedAttribute(name, to: value, condition, by: attempt.caller)
        } reply: { request, _ in
            request.succeed()
        }
    }

    func removexattr(_ inode: UInt64, name: String, _ request: consuming Request) {
        guard name.hasPrefix(Self.namespace) else {
            counts.count(.removexattr)
            return request.fail(ErrorNumber.attributeNotKept.errno)
        }
        let attempt = attempt(.removexattr, inode, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.node(inode).setExtendedAttribute(name, to: nil, .none, by: attempt.caller)
        } reply: { request, _ in
            request.succeed()
        }
    }
}
