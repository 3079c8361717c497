public import ProviderAPI
import Synchronization

/// What a file of a resource is made from.
public enum ContentPart: Sendable, Hashable {
    /// What any listing tells.
    case listed
    /// What a listing may lack.
    case details
    /// Both.
    case whole
}

/// What tells whether a resource is as it was: given by whoever knows what its files print.
public struct ContentIdentity<Item: Resource>: Sendable {
    /// The fingerprint of what any listing tells of it.
    public var listed: @Sendable (Item) -> UInt64
    /// The fingerprint of all else, of an item that is complete.
    public var details: @Sendable (Item) -> UInt64
    /// What a path below the resource is made from.
    public var part: @Sendable (String) -> ContentPart

    /// The identity of items.
    public init(
        listed: @escaping @Sendable (Item) -> UInt64, details: @escaping @Sendable (Item) -> UInt64,
        part: @escaping @Sendable (String) -> ContentPart
    ) {
        self.listed = listed
        self.details = details
        self.part = part
    }
}

/// Finds the times of a collection's resources in the ledger, when somebody asks for them.
final class TimeKeeper<Item: Resource>: Sendable {
    let ledger: TimeLedger
    let identity: ContentIdentity<Item>

    init(_ ledger: TimeLedger, _ identity: ContentIdentity<Item>) {
        self.ledger = ledger
        self.identity = identity
    }

    static func key(_ id: Item.ID) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(Item.kind.rawValue)
        fingerprint.add(id.rawValue)
        return fingerprint.value
    }

    /// The key of the collection itself.
    static var collectionKey: UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add("collection")
        fingerprint.add(Item.kind.rawValue)
        return fingerprint.value
    }

    /// Looks up what is not settled and can be: the times of what a listing tells, and with `details` those of all else.
    func settle(_ times: inout AttributeTimes, _ item: Item, complete: Item?, details: Bool) {
        guard !times.isSettled || details && !times.hasDetails && complete != nil else { return }
        let key = Self.key(item.id)
        let entry = ledger.entry(key)
        var isTrue = true
        if !times.isSettled {
            times.isSettled = true
            times.listed = identity.listed(item)
            times.isKept = entry?.listed == times.listed
            if times.isKept, let entry { adopt(entry, .listed, &times) }
            isTrue = times.isKept
        }
        // What is not true any more is struck out: what still is of it has to be taken over before.
        if !times.hasDetails, details || !isTrue, let complete {
            times.hasDetails = true
            times.detailed = identity.details(complete)
            if let entry, entry.details == times.detailed {
                adopt(entry, .details, &times)
                if times.isKept { adopt(entry, .whole, &times) }
            } else {
                isTrue = isTrue && entry?.details == 0
            }
        }
        if let entry, isTrue, !times.hasDetails || entry.details != 0 { return }
        if entry != nil, !isTrue { ledger.strike([key]) } else { ledger.told() }
    }

    /// Takes over the times of one part.
    private func adopt(_ entry: TimeLedger.Entry, _ part: ContentPart, _ times: inout AttributeTimes) {
        switch part {
        case .listed: times.base = entry.base
        case .details: times.details = entry.detailBase
        case .whole: break
        }
        for (path, time) in entry.changed where times.changed[path] == nil && identity.part(path) == part {
            times.changed[path] = time
        }
    }

    /// When a path last changed. While the details are not known they are taken to be as they were.
    func modified(_ path: String, _ times: inout AttributeTimes, _ item: Item, complete: Item?) -> Int64 {
        let part = identity.part(path)
        settle(&times, item, complete: complete, details: part != .listed)
        if let time = times.changed[path] { return time }
        if part == .listed { return times.base }
        var details = times.details
        if !times.hasDetails, let entry = ledger.entry(Self.key(item.id)), entry.details != 0 {
            if let time = entry.changed[path] { return time }
            details = entry.detailBase
        }
        return part == .details ? details : max(times.base, details)
    }

    /// When any path last changed, that a change was told of.
    func lastModified(_ times: inout AttributeTimes, _ item: Item, complete: Item?) -> Int64 {
        settle(&times, item, complete: complete, details: false)
        let last = times.changed.values.reduce(times.base, max)
        // While the details are not known they are taken to be as they were.
        guard !times.hasDetails, let entry = ledger.entry(Self.key(item.id)), entry.details != 0 else { return last }
        return entry.changed.values.reduce(last, max)
    }

    /// What the ledger is to have of a record; nil where nobody was told anything.
    func entry(_ record: Record<Item>) -> TimeLedger.Entry? {
        let times = record.withTimes { times in
            guard times.isSettled || times.hasDetails else { return times }
            settle(&times, record.item, complete: record.completeItem, details: false)
            if times.listed == 0 { times.listed = identity.listed(record.item) }
            if times.hasDetails, times.detailed == 0, let complete = record.completeItem {
                times.detailed = identity.details(complete)
            }
            return times
        }
        guard times.isSettled else { return nil }
        var entry = TimeLedger.Entry(listed: times.listed, base: times.base, changed: times.changed)
        if times.hasDetails {
            entry.details = times.detailed
            entry.detailBase = times.details
        } else if let old = ledger.entry(Self.key(record.item.id)) {
            // Nobody has asked for the details since: what was told of them still holds.
            entry.details = old.details
            entry.detailBase = old.detailBase
            for (path, time) in old.changed where identity.part(path) != .listed { entry.changed[path] = time }
        }
        return entry
    }
}

extension LiveCollection {
    /// What it has told, for the ledger.
    func account(_ keeper: TimeKeeper<Item>) -> TimeLedger.Account {
        let (records, names, modified) = state.withLock { state in
            (state.loaded == nil ? nil : Array(state.records.values), state.ids.keys, state.modified)
        }
        guard let records else { return .init(subject: Item.kind.rawValue, entries: [:], untold: nil) }
        var entries: [UInt64: TimeLedger.Entry] = [:]
        var untold: Set<UInt64> = []
        for record in records {
            let key = TimeKeeper<Item>.key(record.item.id)
            if let entry = keeper.entry(record) { entries[key] = entry } else { untold.insert(key) }
        }
        entries[TimeKeeper<Item>.collectionKey] = .init(listed: Self.fingerprint(names), base: modified)
        return .init(subject: Item.kind.rawValue, entries: entries, untold: untold)
    }

    /// When the set of names that a mount finds came to be.
    func firstModified(_ names: some Sequence<String>) -> Int64 {
        guard let keeper else { return owner.started }
        let key = TimeKeeper<Item>.collectionKey
        guard let entry = keeper.ledger.entry(key) else {
            keeper.ledger.told()
            return owner.started
        }
        if entry.listed == Self.fingerprint(names) { return entry.base }
        keeper.ledger.strike([key])
        return owner.started
    }

    /// Strikes out what has changed.
    func strike(_ occurrences: [Occurrence]) {
        guard let keeper else { return }
        var keys: [UInt64] = []
        for occurrence in occurrences where occurrence.change.what != .changed([]) {
            keys.append(TimeKeeper<Item>.key(Item.ID(occurrence.change.id)))
            if case .changed = occurrence.change.what { continue }
            keys.append(TimeKeeper<Item>.collectionKey)
        }
        if !keys.isEmpty { keeper.ledger.strike(keys) }
    }

    /// Of a set of names, in whatever order.
    private static func fingerprint(_ names: some Sequence<String>) -> UInt64 {
        names.reduce(1) { sum, name in
            var fingerprint = Fingerprint()
            fingerprint.add(name)
            return sum &+ fingerprint.value
        }
    }
}
