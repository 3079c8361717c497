import LibvirtKit
import ProviderAPI
import Synchronization

/// The machines as they were last read whole, by UUID. Events remove what they touch; what has no event (a change of a
/// definition's devices) is forgotten after ``lifetime``.
final class MachineCache: Sendable {
    struct Entry: Sendable {
        var machine: VirtualMachine
        var detail: DomainDetail
        var time: ContinuousClock.Instant
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var names: [String: String] = [:]
        /// Counts what was removed, so that a read that began before does not put the old back.
        var epochs: [String: Int] = [:]
        var epoch = 0
    }

    private let state = Mutex(State())
    let lifetime: Duration

    init(lifetime: Duration = .seconds(4)) {
        self.lifetime = lifetime
    }

    /// A machine that was read whole and has not changed since, as far as anybody told.
    func entry(_ uuid: String) -> Entry? {
        state.withLock { state in
            guard let entry = state.entries[uuid], ContinuousClock.now - entry.time < lifetime else { return nil }
            return entry
        }
    }

    /// To be taken before a read, and given back with what was read.
    func epoch(of uuid: String) -> Int {
        state.withLock { $0.epoch + $0.epochs[uuid, default: 0] }
    }

    /// Keeps what was read, unless the machine changed since the read began.
    func store(_ machine: VirtualMachine, _ detail: DomainDetail, epoch: Int) {
        let entry = Entry(machine: machine, detail: detail, time: .now)
        state.withLock { state in
            state.names[detail.uuid] = detail.name
            guard state.epoch + state.epochs[detail.uuid, default: 0] == epoch else { return }
            state.entries[detail.uuid] = entry
        }
    }

    /// Forgets one machine.
    func remove(_ uuid: String) {
        state.withLock { state in
            state.entries[uuid] = nil
            state.epochs[uuid, default: 0] += 1
        }
    }

    /// Forgets all.
    func removeAll() {
        state.withLock { state in
            state.entries = [:]
            state.epochs = [:]
            // Larger than any sum that was given out before.
            state.epoch += 1 << 32
        }
    }

    /// The names of all that exist; what is known of others goes.
    func keep(names: [String: String]) {
        state.withLock { state in
            state.names = names
            state.entries = state.entries.filter { names[$0.key] != nil }
            state.epochs = state.epochs.filter { names[$0.key] != nil }
        }
    }

    /// How many there were when all were last listed.
    var count: Int { state.withLock { $0.names.count } }

    /// How to speak of a machine in an error.
    func subject(_ id: VirtualMachine.ID) -> String {
        "virtual machine \(state.withLock { $0.names[id.rawValue] } ?? id.rawValue)"
    }

    /// Whether every machine is known, by what was last read of it.
    var isWhole: Bool {
        state.withLock { state in
            state.entries.count == state.names.count && !state.names.isEmpty
                && state.entries.values.allSatisfy { ContinuousClock.now - $0.time < lifetime }
        }
    }

    /// The names of the machines that were last seen on a network.
    func machines(on network: String) -> [String] {
        machines { $0.nics.contains { $0.network == network } }
    }

    /// The names of the machines that were last seen with a volume in a drive.
    func machines(with disk: ProviderAPI.Disk) -> [String] {
        let wanted = DomainDetail.Source.all(path: disk.path, pool: disk.pool, volume: disk.name)
        return machines { !$0.sources.isDisjoint(with: wanted) }
    }

    private func machines(where isIt: (DomainDetail) -> Bool) -> [String] {
        state.withLock { $0.entries.values.map(\.detail) }.filter(isIt).map(\.name).sorted()
    }
}
