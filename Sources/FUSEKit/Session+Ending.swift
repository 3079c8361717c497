import CFUSE
import Dispatch
import Glibc
import Synchronization

extension Session {
    /// Ends the session, from any thread; returns at once, and ``run()`` returns soon after.
    ///
    /// While processes are in the mount (a working directory, an open file) they are served on, until they leave or the
    /// grace is over; then the mount is detached, and they get ENOTCONN. A second call can only shorten the grace.
    public func exit(grace: Duration = .seconds(5)) {
        let wished = ContinuousClock.now + grace
        let isFirst = state.withLock { state in
            defer { state.deadline = min(state.deadline ?? wished, wished) }
            return state.deadline == nil
        }
        guard isFirst else { return }
        // A thread of its own: it waits, and the pool of Swift tasks may be full of requests.
        DispatchQueue(label: "FUSEKit.Session.exit").async { self.end() }
    }

    /// Detaches the mount at once, from those who use it too, and ends the session.
    public func unmount() {
        exit(grace: .zero)
    }

    /// Takes off the mount, patiently and then lazily, and stops the loop.
    private func end() {
        while isMounted, !isOverdue {
            do {
                try MountPoint.unmount(mountPoint, lazy: false)
            } catch {
                // In use: go on serving and try again.
                usleep(50_000)
            }
        }
        if isMounted { state.withLock { $0.isForced = true } }
        let isUnserved = state.withLock { state in
            guard case .mounted = state.phase else { return false }
            state.phase = .ended
            return true
        }
        if isUnserved {
            detach()
        } else {
            detachPath()
            stopLoop()
        }
    }

    /// Makes the loop return even where the kernel does not: a mount that was detached lazily, or is also mounted in
    /// another mount namespace, stays connected.
    private func stopLoop() {
        fuse_session_exit(handle.pointer)
        while true {
            // Under the lock, so that the thread is still there to be signalled. Repeated, because a signal that comes
            // between the look at the flag and the read is lost.
            let isServing = state.withLock { state in
                guard case .serving(let thread) = state.phase else { return false }
                WakeSignal.send(to: thread)
                return true
            }
            guard isServing else { return }
            usleep(10_000)
        }
    }

    /// Ends the connection, then takes the mount off the path. In this order nothing can wait for an answer that will
    /// not come.
    func detach() {
        handle.sever()
        detachPath()
    }

    private func detachPath() {
        detaching.withLock { _ in
            guard isMounted else { return }
            do {
                try MountPoint.unmount(mountPoint, lazy: true)
            } catch {
                // Somebody else was quicker, or may not be helped: the connection is gone, and a next start recovers it.
            }
        }
    }

    /// Whether this session's mount, not another's, is what is seen at the path.
    private var isMounted: Bool {
        let (path, device) = state.withLock { ($0.path, $0.device) }
        guard let device else { return false }
        return MountTable.current().top(at: path)?.device == device
    }

    private var isOverdue: Bool {
        state.withLock { state in
            if case .ended = state.phase { return true }
            return state.deadline.map { $0 <= ContinuousClock.now } ?? false
        }
    }
}
