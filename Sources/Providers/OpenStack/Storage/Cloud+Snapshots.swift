import HTTPKit
import ProviderAPI

/// A snapshot of a volume (`GET /snapshots/detail`).
struct SnapshotPayload: Decodable, Sendable, Hashable {
    var id: String
    var name: String?
    /// GiB.
    var size: Int
    /// `available`, `creating`, `error`, ...
    var status: String
}

extension Cloud {
    /// A snapshot of a volume by its name or its id; `invalidValue` where several have the name.
    func snapshot(named text: String) async throws(ProviderError) -> SnapshotPayload {
        let all = try await list(
            SnapshotPayload.self, "snapshots", .volume, "snapshots/detail", to: "list snapshots of volumes"
        ).compactMap(\.payload)
        return try Self.one(
            of: all, named: text, "snapshot", missing: "no volume of \(name) has one called \(text)",
            by: { ($0.id, $0.name) })
    }

    private func snapshot(_ id: String) async throws(ProviderError) -> SnapshotPayload? {
        try await found(
            SnapshotPayload.self, "snapshot", .volume, "snapshots/\(id)", to: "look at the snapshot \(id) of a volume")
    }

    /// Until it is whole.
    func awaitSnapshot(_ id: String) async throws(ProviderError) {
        try await settle("the snapshot \(id) of a volume", within: Self.copyingTime) {
            () async throws(ProviderError) -> Bool? in
            guard let snapshot = try await snapshot(id), !snapshot.status.hasPrefix("error") else {
                throw ProviderError(
                    .failed, "the snapshot \(id) of a volume could not be made", cause: await storageReason(id))
            }
            return snapshot.status == "available" ? true : nil
        }
    }

    /// Deletes it and returns when it is gone; nothing where it is gone already.
    func deleteSnapshot(_ id: String, to what: String) async throws(ProviderError) {
        guard try await snapshot(id) != nil else { return }
        let response = try await send(.delete, .volume, "snapshots/\(id)", to: what)
        try await settle("the snapshot \(id) to be gone") { () async throws(ProviderError) -> Bool? in
            guard let snapshot = try await snapshot(id) else { return true }
            guard !snapshot.status.hasPrefix("error") else {
                throw ProviderError(
                    .failed, "\(what): its snapshot \(id) is in state \(snapshot.status)",
                    cause: await storageReason(id, request: response.headers.requestID))
            }
            return nil
        }
    }
}
