public import ProviderAPI
import Synchronization

/// One resource as it is known now, with the times of its attributes. Never changed: a new state is a new record.
public final class Record<Item: Resource>: Sendable {
    /// The resource.
    public let item: Item
    /// Whether all its details are known.
    let isComplete: Bool
    /// Its name in the collection's directory.
    public let entryName: String
    /// When it was read from the platform.
    let read: Duration
    /// The last complete state, while this one is incomplete: what the next complete one is compared with. By itself it has
    /// none, so there is never a chain of them.
    let reference: Record<Item>?
    /// When its attributes last changed.
    private let known: Mutex<AttributeTimes>
    /// Where the times are that an earlier mount told; nil where none are kept.
    private let keeper: TimeKeeper<Item>?

    init(
        item: Item, entryName: String, read: Duration, times: AttributeTimes, reference: Record<Item>? = nil,
        keeper: TimeKeeper<Item>? = nil
    ) {
        self.item = item
        isComplete = item.isComplete
        self.entryName = entryName
        self.read = read
        self.reference = reference
        self.keeper = keeper
        known = Mutex(times)
    }

    /// The item with all its details, as last known.
    var completeItem: Item? { isComplete ? item : reference?.item }

    /// Its times as far as they are settled.
    var times: AttributeTimes { known.withLock { $0 } }

    func withTimes<Answer>(_ body: (inout AttributeTimes) -> Answer) -> Answer { known.withLock { body(&$0) } }

    /// Its times, with all settled that can be: what a change is added to.
    func settledTimes() -> AttributeTimes {
        known.withLock { times in
            keeper?.settle(&times, item, complete: completeItem, details: true)
            return times
        }
    }

    /// When an attribute (named by its path below the resource) last changed, nanoseconds since 1970.
    public func modified(_ attribute: String) -> Int64 {
        known.withLock { times in
            guard let keeper else { return times.changed[attribute] ?? times.base }
            return keeper.modified(attribute, &times, item, complete: completeItem)
        }
    }

    /// When anything in it last changed, nanoseconds since 1970.
    public var modified: Int64 {
        known.withLock { times in
            let last = keeper?.lastModified(&times, item, complete: completeItem)
            return last ?? times.changed.values.reduce(times.base, max)
        }
    }
}

/// When the attributes of a resource last changed: all at `base`, or `details` for those that a listing may lack, but for a
/// few.
struct AttributeTimes: Sendable {
    var base: Int64
    var details: Int64
    var changed: [String: Int64] = [:]
    /// Whether `base` is what readers are told; else an earlier mount may have told another time.
    var isSettled: Bool
    /// The same for `details`.
    var hasDetails: Bool
    /// Whether `base` is what an earlier mount told.
    var isKept = false
    /// The fingerprints that the times are of; 0 where they were not taken.
    var listed: UInt64 = 0
    var detailed: UInt64 = 0

    /// All at one time; `settled` where no earlier mount can have told another.
    init(base: Int64, settled: Bool = true) {
        (self.base, details, isSettled, hasDetails) = (base, base, settled, settled)
    }

    func updated(_ attributes: [String], at time: Int64) -> AttributeTimes {
        guard !attributes.isEmpty else { return self }
        var times = self
        for attribute in attributes { times.changed[attribute] = time }
        (times.listed, times.detailed) = (0, 0)
        return times
    }
}

/// What a refresh, an event or a write brought to light about one resource.
public struct InventoryChange: Sendable {
    /// What came about.
    public enum What: Sendable, Hashable {
        case added
        case removed
        /// It is there under another name, of which another change tells.
        case renamed
        /// The paths of the attributes that changed, below the resource.
        case changed([String])
    }

    /// The collection.
    public let kind: Kind
    /// The platform's id.
    public let id: String
    /// Its name in the collection's directory.
    public let entryName: String
    /// What came about.
    public let what: What
}
