/// A snapshot of a machine: snapshots of all its volumes, made at one moment, that carry the same tags.
struct MachineSnapshot: Sendable, Hashable {
    var name: String
    var parts: [EC2.Snapshot]

    /// The snapshots of one machine, in order of creation.
    static func all(of parts: [EC2.Snapshot]) -> [MachineSnapshot] {
        let named = Dictionary(grouping: parts) { $0.tags[Tags.snapshot] ?? "" }
        return named.filter { !$0.key.isEmpty }.map { MachineSnapshot(name: $0.key, parts: $0.value) }
            .sorted { ($0.creationDate ?? "", $0.name) < ($1.creationDate ?? "", $1.name) }
    }

    var creationDate: String? { parts.compactMap(\.startTime).min().map(Timestamp.seconds) }
    var description: String? { parts.lazy.compactMap(\.description).first { !$0.isEmpty } }
    var parent: String? { parts.lazy.compactMap { $0.tags[Tags.parent] }.first }
    var state: String? { parts.lazy.compactMap { $0.tags[Tags.state] }.first }

    /// The part of the root volume.
    var root: EC2.Snapshot? { parts.first { $0.tags[Tags.root] == $0.volume || $0.tags[Tags.root] == "yes" } }

    /// EC2 has stored all of it.
    var isComplete: Bool { parts.allSatisfy { $0.state == "completed" } }
    /// A part of it failed.
    var isFailed: Bool { parts.contains { $0.state == "error" } }
}
