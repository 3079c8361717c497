import ProviderAPI

/// What a ``Shelf`` keeps: a resource with what only the cloud knows of it.
protocol Shelved: Sendable {
    associatedtype Facts: Resource
    var facts: Facts { get }
}

/// A resource of which the cloud knows nothing more than everybody.
struct Plain<Facts: Resource>: Shelved {
    var facts: Facts
}

/// A text that is equal to another only where its bytes are, as names and keys of platforms are.
struct ByteText: Hashable, Comparable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    static func < (left: Self, right: Self) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Resources of one kind in order of creation, found by id in constant time.
struct Shelf<Item: Shelved>: Sendable {
    typealias ID = Identifier<Item.Facts>

    private var slots: [Item?] = []
    private var places: [ID: Int] = [:]
    private var names: [ByteText: Int] = [:]

    var count: Int { places.count }
    /// All of them, in order of creation.
    var all: [Item] { slots.compactMap { $0 } }
    /// The resources alone, in order of creation.
    var facts: [Item.Facts] {
        var facts: [Item.Facts] = []
        facts.reserveCapacity(count)
        for case .some(let item) in slots { facts.append(item.facts) }
        return facts
    }

    mutating func reserve(_ count: Int) {
        slots.reserveCapacity(count)
        places.reserveCapacity(count)
        names.reserveCapacity(count)
    }

    subscript(id: ID) -> Item? { places[id].flatMap { slots[$0] } }

    func has(name: String) -> Bool { names[ByteText(name)] != nil }

    /// The first of that name, else the one of that id.
    func find(_ nameOrID: String) -> Item? {
        if has(name: nameOrID) {
            let name = ByteText(nameOrID)
            for case .some(let item) in slots where ByteText(item.facts.name) == name { return item }
        }
        return self[ID(nameOrID)]
    }

    /// One by its id, or `notFound`.
    func get(_ id: ID) throws(ProviderError) -> Item {
        guard let item = self[id] else { throw Self.missing(id) }
        return item
    }

    static func missing(_ id: ID) -> ProviderError {
        ProviderError(.notFound, "there is no \(Item.Facts.kind.singular) \(id): list them again")
    }

    mutating func insert(_ item: Item) {
        places[item.facts.id] = slots.count
        names[ByteText(item.facts.name), default: 0] += 1
        slots.append(item)
    }

    @discardableResult
    mutating func remove(_ id: ID) -> Item? {
        guard let place = places.removeValue(forKey: id), let item = slots[place] else { return nil }
        slots[place] = nil
        forget(item.facts.name)
        if slots.count > 64, slots.count > 2 * places.count { compact() }
        return item
    }

    /// Changes one in place; `notFound` where it is gone.
    @discardableResult
    mutating func update<R>(_ id: ID, _ body: (inout Item) throws(ProviderError) -> R) throws(ProviderError) -> R {
        guard let place = places[id], var item = slots[place] else { throw Self.missing(id) }
        // The slot lets go of it, so that its arrays are changed in place and not copied.
        slots[place] = nil
        let name = item.facts.name
        defer {
            if ByteText(name) != ByteText(item.facts.name) {
                forget(name)
                names[ByteText(item.facts.name), default: 0] += 1
            }
            slots[place] = item
        }
        return try body(&item)
    }

    /// Changes one in place where it is there.
    mutating func touch(_ id: ID, _ body: (inout Item) -> Void) {
        guard let place = places[id], var item = slots[place] else { return }
        slots[place] = nil
        body(&item)
        slots[place] = item
    }

    private mutating func forget(_ name: String) {
        let key = ByteText(name)
        guard let count = names[key] else { return }
        names[key] = count > 1 ? count - 1 : nil
    }

    private mutating func compact() {
        slots = slots.filter { $0 != nil }
        for (place, slot) in slots.enumerated() { if let slot { places[slot.facts.id] = place } }
    }
}
