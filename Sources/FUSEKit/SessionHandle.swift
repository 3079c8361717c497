import CFUSE
import Glibc
import SystemPackage

/// The owner of a libfuse session. It lives until the last request is answered and the last notifier is gone, so that
/// an answer that comes after the end of the mount finds a session to be refused by.
final class SessionHandle: @unchecked Sendable {
    // Unchecked: `pointer` is written in `init` only; libfuse guards a session with a lock of its own, and lets requests
    // be answered and notifications be sent from any thread.
    let fileSystem: any FileSystem
    private(set) var pointer: OpaquePointer?

    /// Makes a session with mount options such as `fsname=...`, each one element.
    init(_ fileSystem: any FileSystem, options: [String]) throws(FUSEError) {
        self.fileSystem = fileSystem
        pointer = nil
        var arguments = fuse_args()
        defer { fuse_opt_free_args(&arguments) }
        for argument in ["fuse"] + options.flatMap({ ["-o", Self.escaped($0)] }) {
            guard fuse_opt_add_arg(&arguments, argument) == 0 else {
                throw FUSEError("out of memory while reading the mount options", errno: .noMemory)
            }
        }
        var table = Operations.table
        let context = Unmanaged.passUnretained(self).toOpaque()
        let (session, said) = LibraryLog.capture {
            fuse_session_new(&arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, context)
        }
        guard let session else {
            throw FUSEError("the mount options \(options.joined(separator: ",")) are not all understood: \(said)")
        }
        pointer = session
    }

    deinit {
        guard let pointer else { return }
        if isSevered { fuse_session_unmount(pointer) }
        fuse_session_destroy(pointer)
    }

    /// The handle that was given to libfuse as the session's user data.
    static func from(_ context: UnsafeMutableRawPointer) -> SessionHandle {
        Unmanaged<SessionHandle>.fromOpaque(context).takeUnretainedValue()
    }

    /// Ends the connection to the kernel: who still uses the mount gets ENOTCONN, and late answers go nowhere.
    ///
    /// The descriptor is not closed but replaced by one of /dev/fuse that belongs to no mount, in one step: its number
    /// could otherwise be reused for another file, and a late answer of another thread be written into that.
    func sever() {
        guard let pointer else { return }
        fuse_session_exit(pointer)
        let descriptor = fuse_session_fd(pointer)
        guard descriptor >= 0 else { return }
        var idle = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        if idle < 0 { idle = open("/dev/null", O_RDWR | O_CLOEXEC) }
        guard idle >= 0 else { return }
        dup2(idle, descriptor)
        close(idle)
    }

    /// Whether the kernel's end of the connection is gone. Then fuse_session_unmount only closes and frees; before, it
    /// would detach whatever is mounted at the path.
    private var isSevered: Bool {
        let descriptor = fuse_session_fd(pointer)
        guard descriptor >= 0 else { return false }
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR) != 0
    }

    /// An option as it goes after `-o`, where commas separate and backslashes escape (fuse_opt.h).
    private static func escaped(_ option: String) -> String {
        option.reduce(into: "") { text, character in
            if character == "," || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }
}
