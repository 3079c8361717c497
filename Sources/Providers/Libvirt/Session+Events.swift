import LibvirtKit
import ProviderAPI
import ProviderKit
import Synchronization

extension Session {
    /// A subscription to everything that happens from now on; it also keeps the connection up.
    func events() -> AsyncStream<ProviderEvent> {
        let stream = subscribers.subscribe()
        reconnect()
        return stream
    }

    func send(_ event: ProviderEvent) { subscribers.send(event) }

    /// An event of a connection, on libvirt's event thread.
    func receive(_ event: ConnectionEvent, _ generation: Int) {
        guard state.withLock({ $0.generation == generation }) else { return }
        onEvent(event)
        switch event {
        case .domain(let uuid, let change):
            signals.receive(uuid, change)
            send(
                ProviderEvent(
                    .resource(.vms, id: uuid), detail: change.rawValue, attributes: Self.attributes(of: change)))
        case .network(let uuid, let detail):
            let attributes = ["started", "stopped"].contains(detail) ? ["status"] : []
            send(ProviderEvent(.resource(.networks, id: uuid), detail: detail, attributes: attributes))
            send(ProviderEvent(.resource(.dns, id: uuid), detail: detail))
        case .pool(let uuid, let detail):
            let attributes = ["started", "stopped"].contains(detail) ? ["status"] : []
            send(ProviderEvent(.resource(.pools, id: uuid), detail: detail, attributes: attributes))
            // A pool's word is the only one there is about its volumes.
            for kind in [Kind.disks, .images, .isos] { send(ProviderEvent(.collection(kind), detail: detail)) }
        case .closed(let reason):
            let connection = state.withLock { $0.connection }
            if let connection { lost(connection, reason: reason) }
        }
    }

    /// The files that an event is about, as far as its kind tells.
    private static func attributes(of event: DomainEvent) -> [String] {
        switch event {
        case .started, .stopped, .suspended, .resumed, .shutdown, .pmsuspended, .crashed: ["status", "raw_status"]
        case .memory: ["memory"]
        case .tray, .medium: ["iso"]
        case .deviceAdded, .deviceRemoved: ["disks", "nics"]
        case .agent: ["ip", "ips"]
        case .metadata: ["description", "metadata"]
        case .blockJob: ["disks"]
        case .defined, .undefined, .rebooted, .deviceKept, .job, .tuned, .storageError, .watchdog, .other: []
        }
    }

    /// The connection is gone: the next call opens another, and so does the session itself while it has subscribers.
    func lost(_ connection: Connection, reason: String) {
        let isNews = state.withLock { state in
            guard state.connection === connection else { return false }
            state.connection = nil
            state.others = [:]
            state.bulk = [:]
            state.generation += 1
            state.isUp = false
            return true
        }
        guard isNews else { return }
        let error = ProviderError(.unreachable, "the connection to \(uri) was lost", cause: reason)
        calls.abandonAll(error)
        transfers.abandonAll(error)
        onEvent(.closed(reason: reason))
        send(ProviderEvent(.disconnected(reason: "\(uri): \(reason)")))
        reconnect()
    }

    /// Tries until it is connected, in the background, as long as there are subscribers.
    func reconnect() {
        let isNeeded = state.withLock { state in
            guard !state.isReconnecting, !state.isClosed, !subscribers.isEmpty, state.connection == nil else {
                return false
            }
            state.isReconnecting = true
            return true
        }
        guard isNeeded else { return }
        Task { [weak self] in
            while let wait = self?.pauseBeforeNextAttempt() {
                try? await Task.sleep(for: wait)
                _ = try? await self?.connection()
            }
        }
    }

    /// How long to wait before the next attempt; nil ends the reconnecting.
    private func pauseBeforeNextAttempt() -> Duration? {
        state.withLock { state in
            guard !state.isClosed, !subscribers.isEmpty, state.connection == nil else {
                state.isReconnecting = false
                return nil
            }
            // An attempt that takes too long is still under way: nothing to do but look again.
            guard state.attempt == nil else { return .milliseconds(250) }
            guard state.lastError != nil else { return .zero }
            return max(.zero, ContinuousClock.now.duration(to: state.retryTime))
        }
    }
}
