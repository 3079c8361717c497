import FUSEKit
import Synchronization

/// A request that its answer, its interrupt and its deadline compete for. Whoever takes it answers it.
final class PendingRequest: Sendable {
    private let request: Mutex<Request?>

    init(_ request: consuming Request) {
        self.request = Mutex(consume request)
    }

    /// Whether nobody has taken it yet.
    var isOpen: Bool { request.withLock { $0 != nil } }

    /// The request, the first time.
    func take() -> Request? {
        request.withLock { $0.take() }
    }
}
