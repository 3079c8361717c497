import CLibvirt
import Synchronization

/// One registered callback: which of libvirt's tables it is in, and its number there.
enum EventRegistration {
    case domain(Int32)
    case network(Int32)
    case pool(Int32)
    case close

    /// Takes the callback back; libvirt then releases its context.
    func cancel(on connection: virConnectPtr) {
        switch self {
        case .domain(let number): _ = virConnectDomainEventDeregisterAny(connection, number)
        case .network(let number): _ = virConnectNetworkEventDeregisterAny(connection, number)
        case .pool(let number): _ = virConnectStoragePoolEventDeregisterAny(connection, number)
        case .close: _ = virConnectUnregisterCloseCallback(connection, onClose)
        }
    }
}

/// The context of every callback: retained once for each registration, released once by ``release``.
private final class EventSink: Sendable {
    let handler: @Sendable (ConnectionEvent) -> Void

    init(_ handler: @escaping @Sendable (ConnectionEvent) -> Void) {
        self.handler = handler
    }

    static func send(_ event: ConnectionEvent, to opaque: UnsafeMutableRawPointer?) {
        guard let opaque else { return }
        Unmanaged<EventSink>.fromOpaque(opaque).takeUnretainedValue().handler(event)
    }

    static func send(_ event: DomainEvent, of domain: virDomainPtr?, to opaque: UnsafeMutableRawPointer?) {
        send(.domain(uuid: uuid { virDomainGetUUIDString(domain, $0) }, event), to: opaque)
    }
}

/// The counterpart of `passRetained`: libvirt calls it once for each callback that was registered.
private let release: virFreeCallback = { opaque in
    guard let opaque else { return }
    Unmanaged<EventSink>.fromOpaque(opaque).release()
}

private let onClose: virConnectCloseFunc = { _, reason, opaque in
    let words =
        switch virConnectCloseReason(UInt32(bitPattern: reason)) {
        case VIR_CONNECT_CLOSE_REASON_ERROR: "the connection failed"
        case VIR_CONNECT_CLOSE_REASON_EOF: "libvirt closed the connection"
        case VIR_CONNECT_CLOSE_REASON_KEEPALIVE: "libvirt stopped answering"
        default: "the connection was closed"
        }
    EventSink.send(.closed(reason: words), to: opaque)
}

extension Connection {
    /// Tells of everything that happens from now on, on the event loop's thread: the handler must not block. Events
    /// that the driver does not have are passed over; throws when it has not even those of domains.
    public func observe(_ handler: @escaping @Sendable (ConnectionEvent) -> Void) throws(LibvirtError) {
        let sink = EventSink(handler)
        let lifecycle = register(sink) { clibvirt_register_lifecycle(pointer, Self.onLifecycle, $0, release) }
        guard let lifecycle else { throw .last() }
        var all: [EventRegistration] = [.domain(lifecycle)]
        all += changeRegistrations(sink).map { .domain($0) }
        if let number = register(sink, { clibvirt_register_network(pointer, Self.onNetwork, $0, release) }) {
            all.append(.network(number))
        }
        all += poolRegistrations(sink).map { .pool($0) }
        let closing = register(sink) { virConnectRegisterCloseCallback(pointer, onClose, $0, release) }
        if closing != nil { all.append(.close) }
        registrations.withLock { $0 += all }
    }

    /// Registers one callback; its context is released by libvirt, or here where libvirt refused it.
    private func register(_ sink: EventSink, _ call: (UnsafeMutableRawPointer) -> Int32) -> Int32? {
        let context = Unmanaged.passRetained(sink)
        let number = call(context.toOpaque())
        guard number < 0 else { return number }
        context.release()
        return nil
    }

    private func changeRegistrations(_ sink: EventSink) -> [Int32] {
        let calls: [(UnsafeMutableRawPointer) -> Int32] = [
            { clibvirt_register_reboot(self.pointer, { EventSink.send(.rebooted, of: $1, to: $2) }, $0, release) },
            { clibvirt_register_balloon(self.pointer, { EventSink.send(.memory, of: $1, to: $3) }, $0, release) },
            { clibvirt_register_tray(self.pointer, { EventSink.send(.tray, of: $1, to: $4) }, $0, release) },
            { clibvirt_register_disk(self.pointer, { EventSink.send(.medium, of: $1, to: $6) }, $0, release) },
            {
                clibvirt_register_device_added(
                    self.pointer, { EventSink.send(.deviceAdded, of: $1, to: $3) }, $0, release)
            },
            {
                clibvirt_register_device_removed(
                    self.pointer, { EventSink.send(.deviceRemoved, of: $1, to: $3) }, $0, release)
            },
            {
                clibvirt_register_device_kept(
                    self.pointer, { EventSink.send(.deviceKept, of: $1, to: $3) }, $0, release)
            },
            { clibvirt_register_job(self.pointer, { EventSink.send(.job, of: $1, to: $4) }, $0, release) },
            { clibvirt_register_tunable(self.pointer, { EventSink.send(.tuned, of: $1, to: $4) }, $0, release) },
            {
                clibvirt_register_storage_error(
                    self.pointer, { EventSink.send(.storageError, of: $1, to: $5) }, $0, release)
            },
            { clibvirt_register_watchdog(self.pointer, { EventSink.send(.watchdog, of: $1, to: $3) }, $0, release) },
            { clibvirt_register_agent(self.pointer, { EventSink.send(.agent, of: $1, to: $4) }, $0, release) },
            { clibvirt_register_metadata(self.pointer, { EventSink.send(.metadata, of: $1, to: $4) }, $0, release) },
            { clibvirt_register_block_job(self.pointer, { EventSink.send(.blockJob, of: $1, to: $5) }, $0, release) },
        ]
        return calls.compactMap { register(sink, $0) }
    }

    private func poolRegistrations(_ sink: EventSink) -> [Int32] {
        [
            register(sink) { clibvirt_register_pool(pointer, Self.onPool, $0, release) },
            register(sink) { clibvirt_register_pool_refresh(pointer, Self.onPoolRefresh, $0, release) },
        ].compactMap { $0 }
    }

    private static let onLifecycle: virConnectDomainEventCallback = { _, domain, number, _, opaque in
        let event: DomainEvent =
            switch virDomainEventType(UInt32(bitPattern: number)) {
            case VIR_DOMAIN_EVENT_DEFINED: .defined
            case VIR_DOMAIN_EVENT_UNDEFINED: .undefined
            case VIR_DOMAIN_EVENT_STARTED: .started
            case VIR_DOMAIN_EVENT_SUSPENDED: .suspended
            case VIR_DOMAIN_EVENT_RESUMED: .resumed
            case VIR_DOMAIN_EVENT_STOPPED: .stopped
            case VIR_DOMAIN_EVENT_SHUTDOWN: .shutdown
            case VIR_DOMAIN_EVENT_PMSUSPENDED: .pmsuspended
            case VIR_DOMAIN_EVENT_CRASHED: .crashed
            default: .other
            }
        EventSink.send(event, of: domain, to: opaque)
        return 0
    }

    private static let onNetwork: virConnectNetworkEventLifecycleCallback = { _, network, number, _, opaque in
        let words =
            switch virNetworkEventLifecycleType(UInt32(bitPattern: number)) {
            case VIR_NETWORK_EVENT_DEFINED: "defined"
            case VIR_NETWORK_EVENT_UNDEFINED: "undefined"
            case VIR_NETWORK_EVENT_STARTED: "started"
            case VIR_NETWORK_EVENT_STOPPED: "stopped"
            default: "changed"
            }
        EventSink.send(.network(uuid: uuid { virNetworkGetUUIDString(network, $0) }, detail: words), to: opaque)
    }

    private static let onPool: virConnectStoragePoolEventLifecycleCallback = { _, pool, number, _, opaque in
        let words =
            switch virStoragePoolEventLifecycleType(UInt32(bitPattern: number)) {
            case VIR_STORAGE_POOL_EVENT_DEFINED: "defined"
            case VIR_STORAGE_POOL_EVENT_UNDEFINED: "undefined"
            case VIR_STORAGE_POOL_EVENT_STARTED: "started"
            case VIR_STORAGE_POOL_EVENT_STOPPED: "stopped"
            case VIR_STORAGE_POOL_EVENT_CREATED: "created"
            case VIR_STORAGE_POOL_EVENT_DELETED: "deleted"
            default: "changed"
            }
        EventSink.send(.pool(uuid: uuid { virStoragePoolGetUUIDString(pool, $0) }, detail: words), to: opaque)
    }

    private static let onPoolRefresh: virConnectStoragePoolEventGenericCallback = { _, pool, opaque in
        EventSink.send(.pool(uuid: uuid { virStoragePoolGetUUIDString(pool, $0) }, detail: "refreshed"), to: opaque)
    }
}
