import Inventory
import ProviderAPI

/// One resource, by its id, as the nodes below it share it.
final class ResourceReference<Item: Described>: Sendable {
    let context: CollectionContext<Item>
    let id: Item.ID
    let inode: UInt64
    /// Its name in the directory of its collection.
    let entryName: String

    init(_ context: CollectionContext<Item>, _ record: Record<Item>) {
        self.context = context
        id = record.item.id
        entryName = record.entryName
        inode = context.inode(record.item.id, "")
    }

    /// Its path below the mount point. Made anew: the kernel may know a whole fleet of these, and few are asked for theirs.
    var path: String { "\(context.path)/\(entryName)" }
    var scope: Scope { context.scope }
    var workspace: Workspace { context.scope.workspace }

    func record(detail: Bool, _ attribute: String) -> Answer<Record<Item>> {
        context.live.record(id, need(detail: detail, attribute))
    }

    func need(detail: Bool = false, _ attribute: String) -> Need {
        Need(detail: detail, polled: context.live.isPolled(attribute))
    }

    /// What a record comes to: at once where the record is at hand, which is the way of almost every reader.
    func reading<Value: Sendable>(
        _ need: Need, _ body: @escaping @Sendable (Record<Item>) throws(ProviderError) -> Value
    ) throws(ProviderError) -> Answer<Value> {
        if let record = context.live.recordAtHand(id, need) { return .now(try body(record)) }
        return try context.live.record(id, need).map(body)
    }

    func inode(_ attribute: String) -> UInt64 { context.inode(id, attribute) }

    /// Asks for a change. The change is worked out from the item as it is when its turn comes.
    func apply(
        _ path: String, old: Value, new: Value, by caller: Caller,
        _ change: @escaping @Sendable (Item) throws(ProviderError) -> Item.Change?
    ) -> Answer<Void> {
        let live = context.live
        if live.isAsAsked(id, change) { return .done }
        let request = scope.request(caller, path, old: old, new: new)
        let id = id
        return .later { () async throws(ProviderError) in try await live.apply(to: id, request, change) }
    }

    /// Refuses what the policy forbids for the resource as it is known.
    func permitChange() throws(ProviderError) {
        guard let record = context.live.known(id) else { return }
        try scope.live.policy.permit(Item.kind, record.item.name, listedAs: record.entryName)
    }

    /// Why the resource may not be deleted now; nil where it may.
    func obstacle() -> ProviderError? {
        guard let item = context.live.known(id)?.item else { return nil }
        do throws(ProviderError) {
            try permitChange()
            try scope.live.permitKnown(item.affected(by: nil))
        } catch {
            return error
        }
        guard let operation = Item.kind.deletion, scope.offers(operation) else {
            return ProviderError(.notPermitted, "this provider cannot delete a \(Item.kind.singular)")
        }
        return Item.schema.obstacle(item, scope.live.policy)
    }

    /// Refuses a removal of the resource, or one that is a part of it, where the resource may not be deleted.
    func permitRemoval(by caller: Caller) throws(ProviderError) {
        if let obstacle = obstacle() {
            workspace.refuse(inode, caller, obstacle)
            throw obstacle
        }
    }

    /// Refuses the removal of one part of the resource, asked for by its name, where the caller is about to remove them all
    /// and may not: it was refused another, or has listed the resource, as what removes a directory does.
    func permitRemovalOfPart(by caller: Caller) throws(ProviderError) {
        if let refusal = workspace.refusal(inode, caller) {
            let isStill = obstacle() != nil
            // However slowly it goes on, it comes to none of them.
            if isStill { workspace.renewRefusal(inode, caller) }
            if refusal.isOwn || isStill { throw refusal.error }
        }
        try permitChange()
        if workspace.hasListed(inode, caller) { try permitRemoval(by: caller) }
    }

    /// `user.infrafs.*`: who it is, how old what is known of it is, and its last failure.
    func extendedAttribute(_ name: String, at path: @autoclosure () -> String) throws(ProviderError) -> Answer<[UInt8]>
    {
        switch name {
        case "user.infrafs.id": return .now(Array(id.rawValue.utf8))
        case "user.infrafs.provider": return .now(Array(scope.name.utf8))
        case "user.infrafs.error":
            let text = scope.failureText(path())
            guard !text.isEmpty else { throw ProviderError(.noAttribute, "nothing failed at \(path())") }
            return .now(Array(text.utf8))
        default: throw ProviderError(.noAttribute, "\(path()) has no extended attribute \(name)")
        }
    }
}
