public import ProviderAPI
import Synchronization

extension LiveProvider {
    /// Refuses a change that the policy forbids in a resource beside the one that is changed: `protected`. A volume that is
    /// not known yet is asked for.
    func permit(_ affected: [AffectedResource]) async throws(ProviderError) {
        if policy.mayProtect(.disks) {
            for case .volume(let id) in affected {
                for volumes in volumes {
                    do throws(ProviderError) {
                        _ = try await volumes.record(id, Need()).value()
                    } catch {
                        // One that is not listed has no name that could be protected.
                        guard error.code == .notFound else { throw error }
                    }
                }
            }
        }
        try permitKnown(affected)
    }

    /// The same, by what is known now.
    public func permitKnown(_ affected: [AffectedResource]) throws(ProviderError) {
        guard !policy.protect.isEmpty else { return }
        for resource in affected {
            switch resource {
            case .named(let kind, let name):
                try policy.permit(kind, name)
                for entry in members(of: kind).flatMap({ $0.entryNames(of: name) }) {
                    try policy.permit(kind, name, listedAs: entry)
                }
            case .volume(let id):
                for record in volumes.compactMap({ $0.known(id) }) {
                    try policy.permit(.disks, record.item.name, listedAs: record.entryName)
                }
            }
        }
    }

    /// Refuses a write of a volume's content where the policy protects the volume or a machine that it is a disk of.
    ///
    /// Throws what the policy forbids and what the platform says.
    public func permitWriting(volume id: Disk.ID) async throws(ProviderError) {
        for volumes in volumes { try await volumes.permitWriting(id) }
    }

    private var volumes: [LiveCollection<Disk>] { members(of: .disks).compactMap { $0 as? LiveCollection<Disk> } }
}

extension LiveCollection {
    /// Refuses a write of one's content where the policy forbids it.
    ///
    /// Throws what the policy forbids and what the platform says.
    public func permitWriting(_ id: Item.ID) async throws(ProviderError) {
        let record = try await record(id, Need(detail: owner.policy.mayProtect(.vms))).value()
        try owner.policy.permit(Item.kind, record.item.name, listedAs: record.entryName)
        try await owner.permit(record.item.affected(by: nil))
    }

    func entryNames(of name: String) -> [String] {
        state.withLock { state in state.records.values.filter { $0.item.name == name }.map(\.entryName) }
    }
}
