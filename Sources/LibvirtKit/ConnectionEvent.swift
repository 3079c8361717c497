/// Something that libvirt told without being asked.
public enum ConnectionEvent: Sendable, Hashable {
    /// A domain was defined, started, stopped, changed, ...
    case domain(uuid: String, DomainEvent)
    /// A network was defined, started, ...
    case network(uuid: String, detail: String)
    /// A pool was defined, started, refreshed, ...
    case pool(uuid: String, detail: String)
    /// The connection is gone (virConnectRegisterCloseCallback).
    case closed(reason: String)
}

/// What happened to a domain: libvirt's words where it has some.
public enum DomainEvent: String, Sendable, Hashable, CaseIterable {
    case defined, undefined, started, suspended, resumed, stopped, shutdown, pmsuspended, crashed
    case rebooted
    case memory = "memory changed"
    case tray = "tray moved"
    case medium = "medium changed"
    case deviceAdded = "device added"
    case deviceRemoved = "device removed"
    case deviceKept = "device removal failed"
    case agent = "agent changed"
    case metadata = "metadata changed"
    case blockJob = "block job"
    case job = "job completed"
    case tuned = "tunable changed"
    case storageError = "I/O error"
    case watchdog = "watchdog fired"
    case other = "changed"
}
