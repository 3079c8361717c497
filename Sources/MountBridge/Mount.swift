import Dispatch
import FUSEKit
public import Logging
public import Tree

/// A tree, mounted.
public final class Mount: Sendable {
    private let fileSystem: TreeFileSystem
    private let session: Session
    private let options: MountBridgeOptions
    private let logger: Logger

    /// Makes a mount; nothing is mounted before ``run(ready:)``.
    ///
    /// - Throws: ``MountError`` if an option is not understood.
    public convenience init(
        tree: Tree, mountPoint: String, options: MountBridgeOptions = MountBridgeOptions(),
        statistics: RequestStatistics = RequestStatistics(), logger: Logger
    ) throws(MountError) {
        try self.init(any: tree, mountPoint: mountPoint, options: options, statistics: statistics, logger: logger)
    }

    /// Makes a mount of anything that can be mounted as a tree.
    init(
        any tree: any MountableTree, mountPoint: String, options: MountBridgeOptions,
        statistics: RequestStatistics = RequestStatistics(), logger: Logger
    ) throws(MountError) {
        self.options = options
        self.logger = logger
        fileSystem = TreeFileSystem(tree, options: options, statistics: statistics, logger: logger)
        do throws(FUSEError) {
            session = try Session(fileSystem, mountPoint: mountPoint, options: options.mountOptions)
        } catch {
            throw MountError(error.message)
        }
    }

    /// The absolute path of a directory to mount at, checked as ``run(ready:)`` checks it; nothing is changed.
    ///
    /// - Throws: ``MountError``, which begins with the path and says what is in the way and what to do.
    public static func place(_ path: String) throws(MountError) -> String {
        do throws(FUSEError) {
            return try MountPoint.check(path, notWithin: MountBridgeOptions.mountType)
        } catch {
            throw MountError(error.message)
        }
    }

    /// Where it is mounted; an absolute path once it is.
    public var mountPoint: String { session.mountPoint }

    /// How often the kernel has asked for each operation (`lookup`, `open`, ...).
    public var operationCounts: [String: Int] { fileSystem.counts.counts }

    /// How many nodes the kernel knows.
    public var knownNodes: Int { fileSystem.inodes.count }

    /// Mounts the tree and serves it on the calling thread until ``stop()`` or an unmount. Once.
    ///
    /// What a killed daemon left mounted there is taken off first. SIGURG wakes this thread: the process must not block
    /// or handle it.
    /// - Parameter ready: called once the path leads into the tree.
    /// - Throws: ``MountError``, which says what is in the way and what to do.
    public func run(ready: () -> Void = {}) throws(MountError) {
        do throws(FUSEError) {
            let path = session.mountPoint
            if try MountPoint.prepare(path, notWithin: MountBridgeOptions.mountType) {
                logger.notice("stale mount detached", metadata: ["path": "\(path)"])
            }
            try session.mount()
            logger.info("mounted", metadata: ["path": "\(session.mountPoint)"])
            fileSystem.start(session.notifier)
            defer { fileSystem.stop() }
            if let device = session.device {
                fileSystem.announcer?.start(mountPoint: session.mountPoint, device: device)
            }
            ready()
            try session.run()
            if session.wasInUse {
                logger.warning("unmounted while in use", metadata: ["path": "\(session.mountPoint)"])
            } else {
                logger.info("unmounted", metadata: ["path": "\(session.mountPoint)"])
            }
        } catch {
            throw MountError(error.message)
        }
    }

    /// Ends the mount, from any thread; returns at once, and ``run(ready:)`` returns soon after.
    ///
    /// Those who use it have the grace of the options to finish; then it is taken from them. A second call shortens
    /// that to nothing.
    public func stop() {
        session.exit(grace: options.grace)
    }
}

/// A mount that cannot be made or served.
public struct MountError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line that names the path and says what to do.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

extension TreeFileSystem {
    /// Lets go of the kernel, and closes what those who were cut off had open.
    fileprivate func stop() {
        invalidator.stop()
        announcer?.stop()
        let files = handles.removeAll()
        guard !files.isEmpty else { return }
        let closed = DispatchSemaphore(value: 0)
        Task {
            for file in files { await file.close() }
            closed.signal()
        }
        // A provider that hangs must not keep the program from ending.
        if closed.wait(timeout: .now() + 5) == .timedOut {
            logger.warning("open files not closed", metadata: ["count": "\(files.count)"])
        }
    }
}
