import CLibvirt
import Dispatch
import Synchronization

/// A connection to a libvirt driver (virConnectPtr). Every method blocks: call them on a ``CallQueue``.
///
/// `@unchecked Sendable`: libvirt's documentation of its threading says that a virConnectPtr may be used by several
/// threads at once.
public final class Connection: @unchecked Sendable {
    let pointer: virConnectPtr
    let registrations = Mutex<[EventRegistration]>([])

    /// Closing may wait for the peer, so it never happens on the thread that drops the last reference.
    private static let closing = DispatchQueue(label: "libvirt.close", attributes: .concurrent)

    /// Connects (virConnectOpen), never asking anybody for a password. `keepaliveInterval` is in seconds: a peer that
    /// misses three answers in a row is given up (virConnectSetKeepAlive); drivers inside the process have none.
    public init(uri: String, keepaliveInterval: Int32 = 3) throws(LibvirtError) {
        try EventLoop.start()
        pointer = try check(virConnectOpen(uri))
        _ = virConnectSetKeepAlive(pointer, keepaliveInterval, 3)
    }

    deinit {
        let handle = ClosingHandle(pointer: pointer)
        let registrations = registrations.withLock { $0 }
        Connection.closing.async {
            // Each registration holds a reference to the connection; without this it would never be freed.
            for registration in registrations { registration.cancel(on: handle.pointer) }
            _ = virConnectClose(handle.pointer)
        }
    }

    /// Whether the peer is still there, without asking it (virConnectIsAlive).
    public var isAlive: Bool { virConnectIsAlive(pointer) == 1 }

    /// The driver's name: `QEMU`, `Test`, ... (virConnectGetType).
    public func driver() throws(LibvirtError) -> String {
        String(cString: try check(virConnectGetType(pointer)))
    }

    /// The URI that was connected to in the end (virConnectGetURI).
    public func uri() throws(LibvirtError) -> String {
        try adopt(virConnectGetURI(pointer))
    }
}

/// A connection on its way to virConnectClose. `@unchecked Sendable` for the same reason as ``Connection``.
private struct ClosingHandle: @unchecked Sendable {
    let pointer: virConnectPtr
}
