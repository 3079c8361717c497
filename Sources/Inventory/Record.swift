public import ProviderAPI

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
    /// When its attributes last changed.
    let times: AttributeTimes
    /// The last complete state, while this one is incomplete: what the next complete one is compared with.
    let reference: Item?

    init(item: Item, entryName: String, read: Duration, times: AttributeTimes, reference: Item? = nil) {
        self.item = item
        isComplete = item.isComplete
        self.entryName = entryName
        self.read = read
        self.times = times
        self.reference = reference
    }

    /// When an attribute (named by its path below the resource) last changed, nanoseconds since 1970.
    public func modified(_ attribute: String) -> Int64 {
        times.changed[attribute] ?? times.base
    }

    /// When anything in it last changed, nanoseconds since 1970.
    public var modified: Int64 {
        times.changed.values.reduce(times.base, max)
    }
}

/// When the attributes of a resource last changed: all at `base`, but for a few.
struct AttributeTimes: Sendable, Hashable {
    var base: Int64
    var changed: [String: Int64] = [:]

    func updated(_ attributes: [String], at time: Int64) -> AttributeTimes {
        var times = self
        for attribute in attributes { times.changed[attribute] = time }
        return times
    }
}

/// What a refresh, an event or a write brought to light about one resource.
public struct InventoryChange: Sendable {
    /// What came about.
    public enum What: Sendable, Hashable {
        case added
        case removed
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
