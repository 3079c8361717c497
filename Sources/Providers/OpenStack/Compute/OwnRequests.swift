import HTTPKit
import OrderedCollections
import ProviderAPI
import Synchronization

/// The requests by which something was changed from here, as Compute numbers them (`X-OpenStack-Request-Id`): its instance
/// actions name the request that they began with, so that they tell who did it.
final class OwnRequests: Sendable {
    /// Whose a request is.
    enum Owner {
        case own
        case others
        /// One of ours has no number yet.
        case unknown
    }

    private struct State {
        var ids: OrderedSet<String> = []
        var underWay = 0
        /// Until when one that got no answer may still show.
        var doubt = Duration.zero
    }

    private static let most = 4096
    private static let doubt = Duration.seconds(60)

    private let uptime: @Sendable () -> Duration
    private let state = Mutex(State())

    /// None yet, by a clock that only moves forward.
    init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }

    /// Sends a request that changes something.
    func note(
        _ send: () async throws(ProviderError) -> HTTPResponse
    ) async throws(ProviderError) -> HTTPResponse {
        state.withLock { $0.underWay += 1 }
        defer { state.withLock { $0.underWay -= 1 } }
        do throws(ProviderError) {
            let response = try await send()
            end(response.headers.requestID)
            return response
        } catch {
            end(nil)
            throw error
        }
    }

    private func end(_ id: String?) {
        let now = uptime()
        state.withLock { state in
            guard let id else {
                state.doubt = now + Self.doubt
                return
            }
            state.ids.append(id)
            if state.ids.count > Self.most { state.ids.removeFirst() }
        }
    }

    /// Whose the request of that number is.
    func owner(of id: String?) -> Owner {
        let now = uptime()
        return state.withLock { state in
            guard let id else { return .unknown }
            if state.ids.contains(id) { return .own }
            return state.underWay > 0 || now < state.doubt ? .unknown : .others
        }
    }
}
