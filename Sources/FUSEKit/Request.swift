import CFUSE
import Glibc

/// The duty to answer one call of the kernel, exactly once.
///
/// It may be answered on the session's thread, before the method that received it returns, or later from any thread.
/// A request that goes out of scope unanswered is answered EIO, so that no process ever hangs on it.
public struct Request: ~Copyable, @unchecked Sendable {
    // Unchecked: "This may be done inside the method invocation, or after the call has returned" (fuse_lowlevel.h), from
    // any thread; the value is not copyable, so one thread has it at a time. The references are counted by hand because
    // only a value of plain fields can be discarded.
    private let raw: fuse_req_t
    private let session: Unmanaged<SessionHandle>
    private let interruption: Unmanaged<Interruption>?

    /// Takes over `raw` and holds `session` until it is answered.
    init(_ raw: fuse_req_t, session: SessionHandle) {
        self.raw = raw
        self.session = Unmanaged.passRetained(session)
        interruption = nil
    }

    private init(_ parts: Parts) {
        raw = parts.raw
        session = parts.session
        interruption = parts.interruption
    }

    deinit {
        Self.end(interruption, of: raw)
        fuse_reply_err(raw, EIO)
        session.release()
    }

    /// The process on whose behalf the kernel asks.
    public var caller: Caller {
        guard let context = fuse_req_ctx(raw) else { return Caller(uid: 0, gid: 0, pid: 0, umask: 0) }
        return Caller(context.pointee)
    }

    /// Whether the kernel has asked to give up on this request, because a signal came to the process that waits.
    public var isInterrupted: Bool { fuse_req_interrupted(raw) != 0 }

    /// What keeps the session alive.
    var holder: SessionHandle { session.takeUnretainedValue() }

    /// Hands the request to a task and returns at once, so that the session can serve others.
    ///
    /// When the kernel interrupts the request (Ctrl-C, a kill), the task is cancelled; it should then soon fail with
    /// EINTR, because until it answers the process waits in uninterruptible sleep.
    public consuming func later(_ body: @escaping @Sendable (consuming Request) async -> Void) {
        Self.end(interruption, of: raw)
        let pending = Interruption()
        let parts = Parts(raw: raw, session: session, interruption: Unmanaged.passRetained(pending))
        discard self
        // Before the task exists: once it runs it may answer, and `raw` is gone. libfuse calls back at once if the
        // interrupt has already come.
        fuse_req_interrupt_func(parts.raw, Interruption.callback, parts.interruption.toOpaque())
        let task = Task { await body(Request(parts)) }
        pending.adopt(task)
    }

    /// Answers with what `send` sends, and gives up the request.
    consuming func answer(_ send: (_ raw: fuse_req_t, _ session: SessionHandle) -> Void) {
        Self.end(interruption, of: raw)
        let (raw, session) = (raw, session)
        discard self
        send(raw, session.takeUnretainedValue())
        session.release()
    }

    /// Stops listening for an interrupt. libfuse's lock makes sure that the callback has returned by then, so that its
    /// reference can be released.
    private static func end(_ interruption: Unmanaged<Interruption>?, of raw: fuse_req_t) {
        guard let interruption else { return }
        fuse_req_interrupt_func(raw, nil, nil)
        interruption.takeUnretainedValue().finish()
        interruption.release()
    }

    /// The fields of a request on the way into a task, which cannot capture one.
    private struct Parts: @unchecked Sendable {
        // Unchecked: as for the request; it is made into a request exactly once.
        let raw: fuse_req_t
        let session: Unmanaged<SessionHandle>
        let interruption: Unmanaged<Interruption>
    }
}
