import FUSEKit
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    /// Where the attributes of nodes are; no other has any. Access control lists and security labels are asked for at
    /// nearly every step of nearly every tool, so they are answered without a look.
    private static let namespace = "user.infrafs."

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

    /// Those of nodes are facts: setting one is a success without effect, as chmod and touch are, so that a backup
    /// taken with `tar --xattrs` can be put back. Others are refused in the words that copying tools pass over.
    func setxattr(
        _ inode: UInt64, name: String, value: UnsafeRawBufferPointer, flags: Int32, _ request: consuming Request
    ) {
        counts.count(.setxattr)
        guard name.hasPrefix(Self.namespace) else { return request.fail(ErrorNumber.attributeNotKept.errno) }
        request.succeed()
    }

    func removexattr(_ inode: UInt64, name: String, _ request: consuming Request) {
        counts.count(.removexattr)
        request.fail(ErrorNumber.attributeNotKept.errno)
    }
}
