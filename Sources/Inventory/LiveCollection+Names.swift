import ProviderAPI

extension LiveCollection {
    /// Names one that came, went or was renamed. Call with the lock held, the records being as they are now.
    func rename(_ state: inout State, from old: Record<Item>?, to new: Record<Item>?, at now: Int64) {
        state.modified = now
        if let change = Self.change(state, from: old, to: new) {
            apply(change, to: new, &state)
        } else {
            renameAll(&state)
        }
    }

    /// The names that go and come where no other resource has to do with them, nor would have: then the others keep
    /// theirs. nil where all have to be named anew.
    private static func change(
        _ state: State, from old: Record<Item>?, to new: Record<Item>?
    ) -> (gone: String?, came: String?)? {
        if let old {
            let plain = EntryName.plain(old.item.name, key: old.item.id.rawValue)
            guard old.entryName == plain, !state.contested.contains(plain) else { return nil }
        }
        let came = new.map { EntryName.plain($0.item.name, key: $0.item.id.rawValue) }
        if let came, came != old?.entryName {
            guard !state.contested.contains(came), state.ids[came] == nil else { return nil }
        }
        return (old?.entryName, came)
    }

    private func apply(_ change: (gone: String?, came: String?), to new: Record<Item>?, _ state: inout State) {
        if let gone = change.gone {
            state.ids[gone] = nil
            if let sorted = state.sorted {
                let place = Self.place(of: gone, in: sorted)
                if place < sorted.count, sorted[place] == gone { state.sorted?.remove(at: place) }
            }
        }
        guard let new, let came = change.came else { return }
        state.ids[came] = new.item.id
        if let place = state.sorted.map({ Self.place(of: came, in: $0) }) { state.sorted?.insert(came, at: place) }
        if new.entryName != came { state.records[new.item.id] = named(new, came) }
    }

    private func renameAll(_ state: inout State) {
        let (names, contested) = EntryName.assign(
            state.records.values.lazy.map { (id: $0.item.id, name: $0.item.name, key: $0.item.id.rawValue) })
        state.contested = contested
        state.ids = [:]
        for (id, record) in state.records {
            guard let name = names[id] else { continue }
            state.ids[name] = id
            if name != record.entryName { state.records[id] = named(record, name) }
        }
        state.sorted = nil
    }

    private func named(_ record: Record<Item>, _ name: String) -> Record<Item> {
        Record(
            item: record.item, entryName: name, read: record.read, times: record.times, reference: record.reference,
            keeper: keeper)
    }

    /// Where a name is in a sorted list, or would be.
    static func place(of name: String, in sorted: [String]) -> Int {
        var range = sorted.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = sorted[middle] < name ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
