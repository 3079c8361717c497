public import ProviderAPI
import Synchronization

/// A collection in memory that a test drives: it counts its calls, fails when told, and holds its answers back.
public final class StubCollection<Item: Resource>: CollectionService {
    /// What a call is for.
    public enum Call: String, Sendable, Hashable { case list, items, create, delete, apply }

    /// How a change becomes a new state.
    public typealias Carry = @Sendable (inout Item, Item.Change) throws(ProviderError) -> Void
    /// How a specification becomes an item.
    public typealias Make = @Sendable (Specification) throws(ProviderError) -> Item

    private struct State {
        var items: [Item.ID: Item] = [:]
        var calls: [Call] = []
        var changes: [Item.Change] = []
        var specifications: [Specification] = []
        var held: [Call: Gate] = [:]
        var faults: [Call: (error: ProviderError, left: Int)] = [:]
        var waiting: [Call: Int] = [:]
        var isLong = false
        var shorten: (@Sendable (inout Item) -> Void)?
    }

    /// What it can do.
    public let operations: Set<Operation>
    /// What creation takes.
    public let parameters: [Parameter]
    /// How far events tell of changes.
    public let eventCoverage: EventCoverage
    private let carry: Carry
    private let make: Make
    private let state: Mutex<State>

    /// A collection of some items.
    public init(
        _ items: [Item], operations: Set<Operation>, parameters: [Parameter] = [],
        coverage: EventCoverage = .none, make: @escaping Make, carry: @escaping Carry
    ) {
        self.operations = operations
        self.parameters = parameters
        eventCoverage = coverage
        self.carry = carry
        self.make = make
        state = Mutex(State(items: Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) })))
    }

    // MARK: What a test does

    /// Puts an item in, or another state of it, as somebody else would: without a call.
    public func put(_ item: Item) { state.withLock { $0.items[item.id] = item } }

    /// Changes an item as somebody else would.
    public func change(_ id: Item.ID, _ body: (inout Item) -> Void) {
        state.withLock { state in
            guard var item = state.items[id] else { return }
            body(&item)
            state.items[id] = item
        }
    }

    /// Takes an item away as somebody else would.
    public func remove(_ id: Item.ID) { state.withLock { $0.items[id] = nil } }

    /// What is there.
    public var items: [Item] { state.withLock { $0.items.values.sorted { $0.id < $1.id } } }

    /// One item as it is.
    public func item(_ id: Item.ID) -> Item? { state.withLock { $0.items[id] } }

    /// The calls so far.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// How many calls of a sort were made.
    public func count(_ call: Call) -> Int { calls.count { $0 == call } }

    /// The changes that were asked for.
    public var changes: [Item.Change] { state.withLock { $0.changes } }

    /// What was to be created.
    public var specifications: [Specification] { state.withLock { $0.specifications } }

    /// Holds answers back from now on: a call is carried out at once, and answered when it is released.
    public func hold(_ call: Call) { state.withLock { $0.held[call] = Gate() } }

    /// Lets those that were held go on.
    public func release(_ call: Call) { state.withLock { $0.held.removeValue(forKey: call) }?.open() }

    /// How many calls are held now.
    public func heldCount(_ call: Call) -> Int { state.withLock { $0.waiting[call] ?? 0 } }

    /// Makes the next calls of a sort fail before they do anything.
    public func fail(_ call: Call, _ error: ProviderError, times: Int = .max) {
        state.withLock { $0.faults[call] = (error, times) }
    }

    /// Ends the failures of a sort.
    public func recover(_ call: Call) { state.withLock { $0.faults[call] = nil } }

    /// Whether what it creates and changes is told to be accepted before it is held: a long operation.
    public func beLong(_ isLong: Bool = true) { state.withLock { $0.isLong = isLong } }

    /// Makes listings leave something out, as those of many platforms do.
    public func shortenListings(_ body: @escaping @Sendable (inout Item) -> Void) {
        state.withLock { $0.shorten = body }
    }

    // MARK: What a provider does

    /// All of them, as they were when the call came.
    public func list() async throws(ProviderError) -> [Item] {
        try await call(.list) { state in
            var items = state.items.values.sorted { $0.id < $1.id }
            if let shorten = state.shorten { for index in items.indices { shorten(&items[index]) } }
            return items
        }
    }

    /// These, as they were when the call came.
    public func items(_ ids: [Item.ID]) async throws(ProviderError) -> [Item] {
        try await call(.items) { state in ids.compactMap { state.items[$0] } }
    }

    /// Makes one.
    public func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Item {
        let make = make
        return try await call(.create, job) { state throws(ProviderError) in
            state.specifications.append(specification)
            guard !state.items.values.contains(where: { $0.name == specification.name }) else {
                throw ProviderError(.alreadyExists, "\(specification.name) is there already")
            }
            let item = try make(specification)
            state.items[item.id] = item
            return item
        }
    }

    /// Takes one away.
    public func delete(_ id: Item.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await call(.delete, job) { state throws(ProviderError) in
            guard state.items.removeValue(forKey: id) != nil else {
                throw ProviderError(.notFound, "\(id) is not there")
            }
        }
    }

    /// Changes one.
    public func apply(_ change: Item.Change, to id: Item.ID, _ job: any JobReporter) async throws(ProviderError) -> Item
    {
        let carry = carry
        return try await call(.apply, job) { state throws(ProviderError) in
            state.changes.append(change)
            guard var item = state.items[id] else { throw ProviderError(.notFound, "\(id) is not there") }
            try carry(&item, change)
            state.items[id] = item
            return item
        }
    }

    private func call<Value: Sendable>(
        _ call: Call, _ job: (any JobReporter)? = nil, _ body: (inout State) throws(ProviderError) -> sending Value
    ) async throws(ProviderError) -> Value {
        let (value, gate, isLong) = try state.withLock { state throws(ProviderError) -> (Value, Gate?, Bool) in
            state.calls.append(call)
            if let fault = state.faults[call], fault.left > 0 {
                state.faults[call]?.left -= 1
                throw fault.error
            }
            let value = try body(&state)
            if state.held[call] != nil { state.waiting[call, default: 0] += 1 }
            return (value, state.held[call], state.isLong)
        }
        guard let gate else { return value }
        if isLong {
            job?.accepted()
            job?.progress(40)
        }
        defer { state.withLock { $0.waiting[call, default: 1] -= 1 } }
        try await gate.pass()
        return value
    }
}
