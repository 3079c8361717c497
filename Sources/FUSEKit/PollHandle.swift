import CFUSE

/// The way to wake the processes that poll(2) a file. Gone with its last reference.
public final class PollHandle: @unchecked Sendable {
    // Unchecked: libfuse sends a notification from any thread, and only deinit destroys the handle.
    private let pointer: OpaquePointer
    private let session: SessionHandle

    init(_ pointer: OpaquePointer, session: SessionHandle) {
        self.pointer = pointer
        self.session = session
    }

    deinit {
        fuse_pollhandle_destroy(pointer)
    }

    /// Makes the kernel ask for the events of the file once more. May be called from any thread, any number of times.
    public func notify() {
        fuse_lowlevel_notify_poll(pointer)
    }
}
