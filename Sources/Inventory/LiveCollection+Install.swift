import ProviderAPI
import Synchronization

extension LiveCollection {
    /// One line for the journal of events.
    struct Occurrence {
        var change: InventoryChange
        var name: String
        var detail: String
        /// Whether the platform's word is all there is for it: nothing was seen to differ.
        var isHearsay = false
    }

    /// Takes over a whole listing. What was written after it began stays as it is.
    func install(_ items: [Item], _ start: Start) {
        let now = owner.time.wall()
        let occurrences = state.withLock { state -> [Occurrence] in
            let isFirst = state.loaded == nil
            var next: [Item.ID: Item] = [:]
            next.reserveCapacity(items.count)
            for item in items where owner.policy.shows(Item.kind, item.name) { next[item.id] = item }
            for (id, writtenAt) in state.written {
                if writtenAt > start.epoch { next[id] = state.records[id]?.item } else { state.written[id] = nil }
            }
            let causes = state.stale.filter { $0.value.number <= start.marks && state.written[$0.key] == nil }
                .mapValues(\.cause)
            for id in causes.keys { state.stale[id] = nil }
            if let mark = state.allStale, mark <= start.marks { state.allStale = nil }
            state.loaded = start.uptime
            let took = owner.time.uptime() - start.uptime
            state.listings = (state.listings?.last ?? took, took)
            return withoutEchoes(
                &state, replace(&state, with: next, at: now, began: start.uptime, isFirst: isFirst, marked: causes))
        }
        announce(occurrences)
    }

    /// Takes over what was read of some; those that are missing are gone.
    func install(_ items: [Item], of ids: [Item.ID], _ start: Start, clearsMarks: Bool) {
        let now = owner.time.wall()
        let occurrences = state.withLock { state -> [Occurrence] in
            var found: [Item.ID: Item] = [:]
            for item in items where owner.policy.shows(Item.kind, item.name) { found[item.id] = item }
            return ids.flatMap { id -> [Occurrence] in
                // What was read may be older than what was written meanwhile: its mark stays, and it is read again.
                if let writtenAt = state.written[id], writtenAt > start.epoch { return [] }
                var cause = Cause.none
                if clearsMarks, let mark = state.stale[id], mark.number <= start.marks {
                    state.stale[id] = nil
                    cause = mark.cause
                }
                return withoutEchoes(
                    &state, put(&state, found[id], id, at: now, began: start.uptime, cause))
            }
        }
        announce(occurrences)
    }

    /// Takes over what a write brought about: nothing that began before it undoes it. An event that came since the write
    /// was sent (`marks` then) may tell of something newer still; and what was there and is known to be gone since is
    /// looked at once more, as the answer may be from before (a machine that vanishes as it stops).
    func install(written item: Item?, _ id: Item.ID, since marks: Int, detail: String, isNew: Bool = false) {
        let now = owner.time.wall()
        let occurrences = state.withLock { state -> [Occurrence] in
            if item != nil, !isNew, state.records[id] == nil {
                state.marks += 1
                state.stale[id] = Mark(number: state.marks, cause: .none)
                startFlight(&state)
                return []
            }
            state.epoch += 1
            state.written[id] = state.epoch
            state.echoes[id] = owner.time.uptime()
            if let mark = state.stale[id], mark.number <= marks { state.stale[id] = nil }
            return put(&state, item, id, at: now, began: owner.time.uptime(), Cause(detail: detail))
        }
        announce(occurrences)
    }

    /// Leaves out the events that only repeat what was written here. Call with the lock held.
    private func withoutEchoes(_ state: inout State, _ occurrences: [Occurrence]) -> [Occurrence] {
        let now = owner.time.uptime()
        state.echoes = state.echoes.filter { now - $0.value < Self.echoLifetime }
        return occurrences.filter { !$0.isHearsay || state.echoes[Item.ID($0.change.id)] == nil }
    }

    /// Puts one in, or takes it out. Call with the lock held.
    private func put(
        _ state: inout State, _ item: Item?, _ id: Item.ID, at now: Int64, began: Duration, _ cause: Cause
    ) -> [Occurrence] {
        let old = state.records[id]
        guard let item else {
            guard let old else { return [] }
            state.records[id] = nil
            count.set(state.records.count)
            rename(&state, from: old, to: nil, at: now)
            return [occurrence(.removed, old, cause.detail)]
        }
        let record = self.record(item, after: old, entryName: old?.entryName, at: now, began: began)
        state.records[id] = record
        count.set(state.records.count)
        if old == nil || old?.item.name != item.name { rename(&state, from: old, to: record, at: now) }
        let renamed = state.records[id] ?? record
        guard let old else { return [occurrence(.added, renamed, cause.detail)] }
        return compared(old, renamed, cause)
    }

    private func replace(
        _ state: inout State, with next: [Item.ID: Item], at now: Int64, began: Duration, isFirst: Bool,
        marked: [Item.ID: Cause]
    ) -> [Occurrence] {
        let old = state.records
        let (names, contested) = EntryName.assign(
            next.values.lazy.map { (id: $0.id, name: $0.name, key: $0.id.rawValue) })
        state.contested = contested
        var records: [Item.ID: Record<Item>] = [:]
        records.reserveCapacity(next.count)
        var ids: [String: Item.ID] = [:]
        ids.reserveCapacity(next.count)
        var occurrences: [Occurrence] = []
        for (id, item) in next {
            // What was there when the mount began is as old as the mount, whenever it was first looked at.
            let time = isFirst ? owner.started : now
            let record = self.record(
                item, after: old[id], entryName: names[id], at: time, began: began, isFirst: isFirst)
            records[id] = record
            ids[record.entryName] = id
            let cause = marked[id] ?? .none
            if isFirst {
                // Nothing to compare with; an event that led to this first look is told all the same.
                if !cause.detail.isEmpty {
                    occurrences.append(occurrence(.changed(cause.attributes), record, cause.detail))
                }
                continue
            }
            occurrences += old[id].map { compared($0, record, cause) } ?? [occurrence(.added, record, cause.detail)]
        }
        for (id, record) in old where next[id] == nil {
            occurrences.append(occurrence(.removed, record, marked[id]?.detail ?? ""))
        }
        let isSame = !isFirst && ids.count == state.ids.count && ids.keys.allSatisfy { state.ids[$0] != nil }
        if !isSame {
            state.sorted = nil
            state.modified = isFirst ? firstModified(ids.keys) : now
        }
        state.records = records
        state.ids = ids
        count.set(records.count)
        return occurrences
    }

    /// The new record of an item: the old one where nothing changed.
    private func record(
        _ item: Item, after old: Record<Item>?, entryName: String?, at now: Int64, began: Duration,
        isFirst: Bool = false
    ) -> Record<Item> {
        let name = entryName ?? EntryName.encode(item.name)
        guard let old else {
            let times = AttributeTimes(base: now, settled: !isFirst || keeper == nil)
            return Record(item: item, entryName: name, read: began, times: times, keeper: keeper)
        }
        if old.item == item && old.entryName == name { return old }
        let reference = old.isComplete ? old : old.reference
        let changed = differences(item.isComplete ? old.completeItem ?? old.item : old.item, item)
        let times = changed.isEmpty ? old.times : old.settledTimes().updated(changed, at: now)
        return Record(
            item: item, entryName: name, read: began, times: times, reference: item.isComplete ? nil : reference,
            keeper: keeper)
    }

    /// What differs; what was not known before cannot be compared, and there the platform's word is all there is.
    private func compared(_ old: Record<Item>, _ new: Record<Item>, _ cause: Cause) -> [Occurrence] {
        let detail = cause.detail
        guard old !== new else {
            return detail.isEmpty
                ? [] : [occurrence(.changed(cause.attributes), new, detail, isHearsay: !cause.isOfOthers)]
        }
        let (before, after) = (old.times.changed, new.times.changed)
        let differing = after.filter { before[$0.key] != $0.value }.keys
        let attributes = differing.isEmpty ? cause.attributes : differing.sorted()
        var occurrences: [Occurrence] = []
        if old.entryName != new.entryName { occurrences.append(occurrence(.renamed, old, "")) }
        if !attributes.isEmpty || !detail.isEmpty || old.entryName != new.entryName {
            occurrences.append(
                occurrence(
                    .changed(attributes), new, detail,
                    isHearsay: differing.isEmpty && occurrences.isEmpty && !cause.isOfOthers))
        }
        return occurrences
    }

    private func occurrence(
        _ what: InventoryChange.What, _ record: Record<Item>, _ detail: String, isHearsay: Bool = false
    ) -> Occurrence {
        Occurrence(
            change: InventoryChange(
                kind: Item.kind, id: record.item.id.rawValue, entryName: record.entryName, what: what),
            name: record.item.name, detail: detail, isHearsay: isHearsay)
    }

    private func announce(_ occurrences: [Occurrence]) {
        guard !occurrences.isEmpty else { return }
        strike(occurrences)
        owner.report(occurrences.map(\.change))
        for occurrence in occurrences where occurrence.change.what != .renamed {
            owner.events.append(line(occurrence))
        }
    }

    private func line(_ occurrence: Occurrence) -> String {
        var fields: [Value.Entry] = [
            .init("time", .text(timestamp(owner.time.wall()))),
            .init("collection", .text(Item.kind.rawValue)),
            .init("name", .text(occurrence.change.entryName)),
            .init("id", .text(occurrence.change.id)),
        ]
        switch occurrence.change.what {
        case .added: fields.append(.init("event", .text("added")))
        case .removed, .renamed: fields.append(.init("event", .text("removed")))
        case .changed(let attributes):
            fields.append(.init("event", .text("changed")))
            fields.append(.init("attributes", Value(attributes)))
        }
        if !occurrence.detail.isEmpty { fields.append(.init("detail", .text(occurrence.detail))) }
        return json(.map(fields))
    }
}
