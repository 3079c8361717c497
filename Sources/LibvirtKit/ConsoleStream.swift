import CLibvirt
import Synchronization

/// A domain's serial line (virDomainOpenConsole over a stream that never blocks). Whoever has to wait watches it, and is
/// told once by the event loop.
///
/// `@unchecked Sendable`: libvirt locks a stream's object in every call, as it does a connection's.
public final class ConsoleStream: @unchecked Sendable {
    /// What a read found.
    public enum Received: Sendable, Hashable {
        /// At least one byte.
        case bytes([UInt8])
        /// Nothing yet.
        case wait
        /// The line ended.
        case end
    }

    /// Who is told that something has come, of all streams of the process.
    static let watchers = CallbackTable<@Sendable () -> Void>()

    private let pointer: virStreamPtr
    /// Closing the connection would end the line.
    private let connection: Connection
    private let watcher: UInt
    private let isOpen = Mutex(true)

    /// Opens the first serial line of a running domain; blocks. `onReady` is called on the event loop's thread when
    /// something that was watched for has come.
    public init(_ domain: Domain, on connection: Connection, onReady: @escaping @Sendable () -> Void)
        throws(LibvirtError)
    {
        self.connection = connection
        pointer = try check(virStreamNew(connection.pointer, VIR_STREAM_NONBLOCK.rawValue))
        watcher = Self.watchers.add(onReady)
        do throws(LibvirtError) {
            try check(virDomainOpenConsole(domain.pointer, nil, pointer, VIR_DOMAIN_CONSOLE_SAFE.rawValue))
            try addCallback()
        } catch {
            // All that it has is set, so it ends as any other does, by `deinit`.
            virStreamAbort(pointer)
            throw error
        }
    }

    deinit {
        Self.watchers.remove(watcher)
        virStreamFree(pointer)
    }

    private func addCallback() throws(LibvirtError) {
        let callback: virStreamEventCallback = { _, _, context in
            ConsoleStream.watchers.value(of: context)?()
        }
        let context = UnsafeMutableRawPointer(bitPattern: watcher)
        try check(virStreamEventAddCallback(pointer, 0, callback, context, nil))
    }

    /// Whether the peer is still there, without asking it: a line whose connection is lost ends without a word.
    public var isAlive: Bool { connection.isAlive }

    /// Asks to be told when there is something to read, or room to write; the end of the line is told in any case
    /// (virStreamEventUpdateCallback).
    public func watch(readable: Bool, writable: Bool) throws(LibvirtError) {
        var events: UInt32 = 0
        if readable || writable { events |= VIR_STREAM_EVENT_ERROR.rawValue | VIR_STREAM_EVENT_HANGUP.rawValue }
        if readable { events |= VIR_STREAM_EVENT_READABLE.rawValue }
        if writable { events |= VIR_STREAM_EVENT_WRITABLE.rawValue }
        guard isOpen.withLock({ $0 }) else { return }
        try check(virStreamEventUpdateCallback(pointer, Int32(bitPattern: events)))
    }

    /// Up to `count` bytes (virStreamRecv).
    public func receive(upTo count: Int) throws(LibvirtError) -> Received {
        guard isOpen.withLock({ $0 }) else { return .end }
        var length: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
            let room = buffer.count
            length = buffer.withMemoryRebound(to: CChar.self) { virStreamRecv(pointer, $0.baseAddress, room) }
            initialized = max(0, Int(length))
        }
        if length == -2 { return .wait }
        try check(length)
        return length == 0 ? .end : .bytes(bytes)
    }

    /// Sends bytes, as many as there is room for: 0 means to wait (virStreamSend).
    public func send(_ bytes: ArraySlice<UInt8>) throws(LibvirtError) -> Int {
        guard isOpen.withLock({ $0 }) else {
            throw LibvirtError(code: .operationInvalid, message: "the serial line was closed")
        }
        let length = bytes.withUnsafeBytes { buffer in
            virStreamSend(pointer, buffer.assumingMemoryBound(to: CChar.self).baseAddress, buffer.count)
        }
        return length == -2 ? 0 : Int(try check(length))
    }

    /// Ends it; blocks. A second time does nothing (virStreamEventRemoveCallback, virStreamAbort).
    public func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        virStreamEventRemoveCallback(pointer)
        Self.watchers.remove(watcher)
        virStreamAbort(pointer)
    }
}
