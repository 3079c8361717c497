import Synchronization

/// What was written and the platform does not show yet.
///
/// Platforms that answer from several replicas may deny for some seconds what they have just accepted: a machine that
/// was made is not listed, one that was stopped still runs. The overlay puts what was written over what they answer
/// until both agree, or until it is old: from then on the platform is right, whatever it says.
public final class WriteOverlay<ID: Hashable & Sendable, Payload: Sendable>: Sendable {
    private struct Patch {
        var until: ContinuousClock.Instant
        var isShown: @Sendable (Payload) -> Bool
        var put: @Sendable (inout Payload) -> Void
    }

    private struct Entry {
        var made: (payload: Payload, until: ContinuousClock.Instant)?
        var gone: ContinuousClock.Instant?
        var patches: [Patch] = []
    }

    private let entries = Mutex<[ID: Entry]>([:])
    private let lifetime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// An overlay whose entries are believed for that long.
    public init(
        lifetime: Duration = .seconds(60), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.lifetime = lifetime
        self.now = now
    }

    /// The platform has accepted a new one.
    public func noteMade(_ id: ID, _ payload: Payload) {
        entries.withLock { $0[id] = Entry(made: (payload, now() + lifetime)) }
    }

    /// The platform has accepted the deletion of one.
    public func noteGone(_ id: ID) {
        entries.withLock { $0[id] = Entry(gone: now() + lifetime) }
    }

    /// The platform has accepted a change. `isShown` tells whether an answer has it already, `put` puts it there.
    public func noteChanged(
        _ id: ID, isShown: @escaping @Sendable (Payload) -> Bool, put: @escaping @Sendable (inout Payload) -> Void
    ) {
        let patch = Patch(until: now() + lifetime, isShown: isShown, put: put)
        entries.withLock { $0[id, default: Entry()].patches.append(patch) }
    }

    /// An answer, with what was written over it. `asked` are the ids that were asked for; nil when all were.
    public func apply(to answer: [Payload], asked: [ID]? = nil, id identify: (Payload) -> ID) -> [Payload] {
        entries.withLock { entries in
            guard !entries.isEmpty else { return answer }
            let time = now()
            var seen: Set<ID> = []
            var result: [Payload] = []
            result.reserveCapacity(answer.count)
            for payload in answer {
                let id = identify(payload)
                seen.insert(id)
                if let shown = Self.shown(payload, &entries[id], time) { result.append(shown) }
            }
            let wanted = asked.map(Set.init)
            for (id, var entry) in entries where !seen.contains(id) && wanted?.contains(id) != false {
                guard var payload = entry.made?.payload, let until = entry.made?.until, until > time else {
                    // Neither there nor awaited: nothing is left to say.
                    if entry.gone.map({ $0 <= time }) ?? true { entries[id] = nil }
                    continue
                }
                entry.patches.removeAll { $0.until <= time }
                for patch in entry.patches { patch.put(&payload) }
                entries[id] = entry
                result.append(payload)
            }
            return result
        }
    }

    /// One of the answer as it is to be shown; nil where it is gone.
    private static func shown(_ payload: Payload, _ entry: inout Entry?, _ time: ContinuousClock.Instant) -> Payload? {
        guard var known = entry else { return payload }
        if let gone = known.gone {
            if gone > time { return nil }
            entry = nil
            return payload
        }
        known.made = nil
        known.patches.removeAll { $0.until <= time }
        // Changes come one after the other: what a later one brought about covers those before it.
        if let last = known.patches.lastIndex(where: { $0.isShown(payload) }) { known.patches.removeSubrange(...last) }
        var result = payload
        for patch in known.patches { patch.put(&result) }
        entry = known.patches.isEmpty ? nil : known
        return result
    }
}
