import Inventory
import ProviderAPI
import ProviderTesting

/// A live collection of machines over a stub, in a time that a test moves.
struct Collection: Sendable {
    let time = ManualTime()
    let stub: StubCollection<VirtualMachine>
    let provider: StubProvider
    let owner: LiveProvider
    let live: LiveCollection<VirtualMachine>

    init(
        _ machines: [VirtualMachine] = [StubMachines.machine("a"), StubMachines.machine("b")],
        coverage: EventCoverage = .none, policy: Policy = Policy(cache: .seconds(5), timeout: .seconds(20)),
        started: Bool = true
    ) {
        stub = StubMachines.collection(machines, coverage: coverage)
        provider = StubProvider(stub, hasEvents: coverage != .none)
        owner = MountedProvider.live(provider, policy: policy, time: time.source)
        live = LiveCollection(stub, of: owner) { old, new in
            (old.memory != new.memory ? ["memory"] : []) + (old.status != new.status ? ["status"] : [])
                + (old.description != new.description ? ["description"] : [])
        }
        if started { owner.start() }
    }

    let a = VirtualMachine.ID("id-a")
    let b = VirtualMachine.ID("id-b")

    static let request = AuditTrail.Request(uid: 0, pid: 1, command: "test", path: "lab/vms/a")

    /// The lines of `events`.
    var journal: String { String(decoding: owner.events.contents.bytes, as: UTF8.self) }

    func names() async throws(ProviderError) -> [String] { try await live.listing().value().names }

    func memory(_ id: VirtualMachine.ID) async throws(ProviderError) -> Int? {
        try await live.record(id, .init()).value().item.memory
    }

    func setMemory(_ size: Int, of id: VirtualMachine.ID) async throws(ProviderError) {
        try await live.apply(to: id, Self.request) { machine in machine.memory == size ? nil : .memory(size) }
    }

    /// Whether an answer came from memory, without waiting.
    static func isImmediate<Value>(_ answer: Answer<Value>) -> Bool {
        if case .now = answer { true } else { false }
    }
}
