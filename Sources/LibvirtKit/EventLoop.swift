import CLibvirt
import Glibc

/// libvirt's event loop: one thread for the whole process, without which there are neither events nor keepalive.
enum EventLoop {
    /// Runs once per process, before the first connection: libvirt wants the implementation registered by then
    /// (virEventRegisterDefaultImpl).
    private static let outcome: Result<Void, LibvirtError> = begin()

    /// Starts the loop if it does not run yet.
    static func start() throws(LibvirtError) {
        try outcome.get()
    }

    private static func begin() -> Result<Void, LibvirtError> {
        do throws(LibvirtError) {
            // Without a function of our own libvirt prints every error to stderr (virSetErrorFunc).
            virSetErrorFunc(nil) { _, _ in }
            try check(virInitialize())
            try check(virEventRegisterDefaultImpl())
            try spawn()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private static func spawn() throws(LibvirtError) {
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, { _ in EventLoop.run() }, nil)
        guard failure == 0 else {
            let reason = String(cString: strerror(failure))
            throw LibvirtError(code: .systemError, message: "no thread for libvirt's events: \(reason)")
        }
        pthread_detach(thread)
    }

    private static func run() -> Never {
        while true {
            // It fails when poll(2) does, which must not turn into a busy loop.
            if virEventRunDefaultImpl() < 0 { usleep(100_000) }
        }
    }
}
