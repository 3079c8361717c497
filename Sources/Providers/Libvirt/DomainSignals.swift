import Dispatch
import LibvirtKit
import Synchronization

/// Lets a blocking call wait for a machine's next event instead of asking again and again.
final class DomainSignals: Sendable {
    private struct Waiter {
        var uuid: String
        var semaphore: DispatchSemaphore
        var last: DomainEvent?
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// An event came, on libvirt's event thread.
    func receive(_ uuid: String, _ event: DomainEvent) {
        let semaphores = state.withLock { state in
            state.waiters.compactMap { id, waiter -> DispatchSemaphore? in
                guard waiter.uuid == uuid else { return nil }
                state.waiters[id]?.last = event
                return waiter.semaphore
            }
        }
        for semaphore in semaphores { semaphore.signal() }
    }

    /// Blocks until it holds; false after the limit. It is looked at after every event of the machine, and now and then
    /// in case one was missed. An event in `refusals` ends the waiting at once.
    func wait(
        for uuid: String, within limit: Duration, endedBy refusals: Set<DomainEvent> = [],
        until holds: () throws -> Bool
    ) throws -> Bool {
        let semaphore = DispatchSemaphore(value: 0)
        let id = state.withLock { state in
            state.next += 1
            state.waiters[state.next] = Waiter(uuid: uuid, semaphore: semaphore)
            return state.next
        }
        defer { _ = state.withLock { $0.waiters.removeValue(forKey: id) } }
        let end = ContinuousClock.now + limit
        while true {
            if try holds() { return true }
            let last = state.withLock { $0.waiters[id]?.last }
            if let last, refusals.contains(last) { return false }
            guard ContinuousClock.now < end else { return false }
            _ = semaphore.wait(timeout: .now() + .milliseconds(500))
        }
    }
}
