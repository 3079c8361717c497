import CFUSE
import Glibc
import Synchronization
import SystemPackage

/// One mounted file system and the loop that serves it.
///
/// ``mount()``, then ``run()`` on a thread of its own, which returns after ``exit(grace:)`` or when somebody unmounts.
public final class Session: Sendable {
    /// Where the file system is mounted, as an absolute path once it is.
    public var mountPoint: String { state.withLock { $0.path } }

    /// `major:minor` of the mount, as the mount table has it; nil while there is none.
    public var device: String? { state.withLock { $0.device } }

    /// Whether the grace ended before those did who used the mount: they were cut off.
    public var wasInUse: Bool { state.withLock { $0.isForced } }

    let handle: SessionHandle
    let state: Mutex<State>
    /// Held while the mount is taken off its path, so that only one thread does it and any other waits until it is done.
    let detaching = Mutex<Void>(())

    /// Where the session is in its life.
    struct State {
        enum Phase {
            case created
            case mounted
            case serving(thread: pthread_t)
            case ended
        }

        var path: String
        var phase = Phase.created
        /// `major:minor` of the mount, by which it is told from another at the same path.
        var device: String?
        /// When the mount is detached even from those who use it; nil while nobody asked to end.
        var deadline: ContinuousClock.Instant?
        /// Whether it was then still in use.
        var isForced = false
    }

    /// Makes a session; nothing is mounted yet.
    ///
    /// - Parameter options: mount options, each one element, such as `fsname=lab`, `subtype=infrafs`,
    ///   `default_permissions` (mount.fuse3(8)). `auto_unmount` is refused: after a crash it leaves an empty directory,
    ///   which a mirroring backup takes for the truth, where a dead mount makes it fail.
    /// - Throws: ``FUSEError`` if an option is not understood.
    public init(_ fileSystem: some FileSystem, mountPoint: String, options: [String]) throws(FUSEError) {
        if options.contains("auto_unmount") {
            throw FUSEError("the mount option auto_unmount is not supported; leave it out")
        }
        handle = try SessionHandle(fileSystem, options: options)
        state = Mutex(State(path: mountPoint))
    }

    deinit {
        // Mounted and never run: nobody else will take it off.
        if case .mounted = state.withLock({ $0.phase }) { detach() }
    }

    /// The way to tell the kernel what has changed. Works between ``mount()`` and the end.
    public var notifier: Notifier { Notifier(session: handle) }

    /// Mounts the file system. The kernel's requests wait until ``run()``.
    ///
    /// - Throws: ``FUSEError`` if the mount is refused.
    public func mount() throws(FUSEError) {
        let path = MountPoint.absolute(mountPoint)
        let (code, said) = LibraryLog.capture { fuse_session_mount(handle.pointer, path) }
        guard code == 0 else {
            throw FUSEError("\(path): cannot be mounted\(said.isEmpty ? "" : ": " + said)")
        }
        let device = MountTable.current().top(at: path)?.device
        state.withLock {
            $0.path = path
            $0.device = device
            $0.phase = .mounted
        }
    }

    /// Serves the kernel's requests on the calling thread until the file system is unmounted, which it then is.
    ///
    /// SIGURG is used to wake this thread; the process must not block it here or handle it with SA_RESTART.
    /// - Throws: ``FUSEError`` if nothing is mounted or the connection to the kernel fails.
    public func run() throws(FUSEError) {
        WakeSignal.prepare()
        let before = state.withLock { state in
            let before = state.phase
            if case .mounted = before { state.phase = .serving(thread: pthread_self()) }
            return before
        }
        switch before {
        case .created: throw FUSEError("\(mountPoint): not mounted; call mount() before run()")
        case .serving: throw FUSEError("\(mountPoint): already served by another thread")
        case .ended: return detach()
        case .mounted: break
        }
        let connection = device.flatMap { ConnectionGuard(device: $0) }
        let code = serveRequests()
        state.withLock { $0.phase = .ended }
        detach()
        connection?.end()
        guard code == 0 else {
            let error = Errno(rawValue: -code)
            throw FUSEError("\(mountPoint): the connection to the kernel failed: \(error.description)", errno: error)
        }
    }

    /// The loop of libfuse's own single-threaded session, which forgets on return that it was told to exit.
    private func serveRequests() -> Int32 {
        var buffer = fuse_buf()
        defer { free(buffer.mem) }
        var busyPoll = BusyPoll(descriptor: fuse_session_fd(handle.pointer))
        while fuse_session_exited(handle.pointer) == 0 {
            busyPoll.begin()
            let result = fuse_session_receive_buf(handle.pointer, &buffer)
            busyPoll.end()
            if result == -EINTR { continue }
            if result <= 0 { return result }
            fuse_session_process_buf(handle.pointer, &buffer)
        }
        return 0
    }
}
