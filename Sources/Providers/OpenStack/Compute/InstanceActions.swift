import HTTPKit
import ProviderAPI
import ProviderKit
import Synchronization

/// What was done to servers, by whomever: Compute keeps it as instance actions of each server, and tells of none by
/// itself. The actions of those servers are asked for whose record is another one than in the listing before.
final class InstanceActions: Sendable {
    private struct State {
        /// `updated` of every server in the last listing; nil before the first.
        var updated: [String: String]?
        /// When the last action began that was told of, of the servers that are there.
        var told: [String: String] = [:]
        /// This account may not look at them.
        var isForbidden = false
    }

    private let state = Mutex(State())
    /// Servers that are asked about after one listing.
    private static let most = 8
    /// Actions of one server that are looked at.
    private static let depth = 5

    /// Those who are told.
    let subscribers = EventSubscribers(limit: 10_000)

    /// Looks at what has changed since the listing before, in the background.
    func note(_ servers: [ServerPayload], of cloud: Cloud) {
        let asked = state.withLock { state -> [(id: String, since: String)] in
            let before = state.updated
            state.updated = Dictionary(
                servers.compactMap { server in server.updated.map { (server.id, $0) } }, uniquingKeysWith: max)
            state.told = state.told.filter { state.updated?[$0.key] != nil }
            guard let before, !subscribers.isEmpty, !state.isForbidden else { return [] }
            let changed = servers.compactMap { server -> (id: String, since: String)? in
                guard let now = server.updated, now != before[server.id] else { return nil }
                return (server.id, before[server.id] ?? server.created ?? now)
            }
            // The rest is asked about after the next listing.
            for (id, since) in changed.dropFirst(Self.most) { state.updated?[id] = since }
            return Array(changed.prefix(Self.most))
        }
        guard !asked.isEmpty else { return }
        Task {
            for (id, since) in asked { await look(at: id, since: since, of: cloud) }
        }
    }

    private func look(at id: String, since: String, of cloud: Cloud) async {
        do throws(ProviderError) {
            let actions = try await cloud.document(
                [InstanceActionPayload].self, "instanceActions", .get, .compute, "servers/\(id)/os-instance-actions",
                query: [("limit", String(Self.depth))], to: "look at what was done to server \(id)")
            tell(actions.sorted { $0.began < $1.began }, of: id, since: since, beside: cloud.ownRequests)
        } catch {
            // Asked again after the next listing; where it is forbidden it stays so.
            state.withLock { state in
                if state.updated?[id] != nil { state.updated?[id] = since }
                if error.code == .forbidden { state.isForbidden = true }
            }
        }
    }

    private func tell(
        _ actions: [InstanceActionPayload], of id: String, since: String, beside requests: OwnRequests
    ) {
        // `2026-01-31T10:00:00Z` beside `2026-01-31T10:00:00.123456`: seconds are what both have.
        let seconds = 19
        let fresh = state.withLock { state in
            let told = state.told[id]
            let fresh = actions.filter { action in
                told.map { action.began > $0 } ?? (action.began.prefix(seconds) >= since.prefix(seconds))
            }
            if let last = fresh.last { state.told[id] = last.began }
            return fresh
        }
        for action in fresh {
            let owner = requests.owner(of: action.request)
            // What was done from here is told of by whoever did it.
            if owner == .own { continue }
            subscribers.send(
                ProviderEvent(.resource(.vms, id: id), detail: action.words, isOfOthers: owner == .others))
        }
    }
}

/// One action (`GET /servers/ID/os-instance-actions`).
struct InstanceActionPayload: Decodable, Sendable, Hashable {
    /// `create`, `reboot`, `resize`, ...
    var action: String
    /// ISO 8601, UTC, with microseconds.
    var began: String
    /// `Error` where it failed.
    var message: String?
    /// The number of the request that it began with.
    var request: String?

    enum CodingKeys: String, CodingKey {
        case action, message
        case began = "start_time"
        case request = "request_id"
    }

    /// For the journal.
    var words: String { message.map { "\(action): \($0)" } ?? action }
}
