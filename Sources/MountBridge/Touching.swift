import FUSEKit
import Glibc
import Synchronization
import Tree

/// Goes through the mount as any process does, and is known to the mount as the one that does: what it asks changes
/// nothing and is noted nowhere.
final class Touching: Sendable {
    /// A path to touch, and what the kernel is to make of it.
    struct Touch: Sendable {
        let path: String
        let pending: Announcer.Pending
        /// The name that is gone, by which the kernel must not find what had it.
        let vanishing: Invalidator.Name?

        init(_ path: String, _ pending: Announcer.Pending, parent: UInt64?) {
            self.path = path
            self.pending = pending
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            vanishing = pending.isRemoved ? parent.map { .init(parent: $0, name: name, removed: nil) } : nil
        }
    }

    /// What a request of our own means: a name that is being announced.
    enum Claim: Sendable, Hashable {
        case appears
        case vanishes
    }

    private struct Place {
        let mountPoint: String
        let device: String
    }

    /// How long a request of our own may take: others wait to be announced.
    static let patience = Duration.milliseconds(500)
    /// open(2): what the C library shows only to those who ask for more than POSIX.
    private static let pathOnly: Int32 = 0o10000000

    private let place = Mutex<Place?>(nil)
    private let thread = Atomic<Int32>(0)
    private let vanished = Atomic<UInt64>(0)
    private let claim = Mutex<(path: String, claim: Claim)?>(nil)

    func start(mountPoint: String, device: String) {
        place.withLock { $0 = Place(mountPoint: mountPoint, device: device) }
    }

    /// `major:minor` of the mount.
    var device: String? { place.withLock { $0?.device } }

    /// Whether a request comes from here.
    func isOwn(_ caller: FUSEKit.Caller) -> Bool {
        caller.pid != 0 && caller.pid == thread.load(ordering: .acquiring)
    }

    /// What is being said of a path by the request of our own that asks for it.
    func claim(on path: String, by caller: FUSEKit.Caller) -> Claim? {
        guard isOwn(caller) else { return nil }
        return claim.withLock { $0.flatMap { $0.path == path ? $0.claim : nil } }
    }

    /// A number for a directory that is not there; another each time.
    func nextVanishing() -> UInt64 {
        1 << 62 | vanished.add(1, ordering: .relaxed).newValue
    }

    /// Wall time, nanoseconds since 1970.
    static func now() -> Int64 {
        let now = Timestamp.now
        return Int64(now.seconds) * 1_000_000_000 + Int64(now.nanoseconds)
    }

    // MARK: Touches

    /// Touches each, on the calling thread. What cannot be touched is gone, or another's: nobody is told of it.
    func perform(_ touches: [Touch]) {
        guard !touches.isEmpty else { return }
        thread.store(Self.threadID(), ordering: .releasing)
        defer { thread.store(0, ordering: .releasing) }
        for touch in touches { perform(touch) }
    }

    private func perform(_ touch: Touch) {
        // Opened for each, since an open directory keeps a mount from being unmounted.
        guard let root = openRoot() else { return }
        defer { close(root) }
        if touch.pending.isRemoved {
            announce(.vanishes, touch.path) { unlinkat(root, touch.path, AT_REMOVEDIR) }
            if !touch.pending.isAdded { return }
        }
        if touch.pending.isAdded, announce(.appears, touch.path, { mkdirat(root, touch.path, 0o700) }) { return }
        var status = stat()
        guard fstatat(root, touch.path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        // Both times are IN_ATTRIB, the modification time alone is IN_MODIFY (fsnotify_change of the kernel).
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        (isDirectory ? FileTimes.bothNow : .changeNow).set(touch.path, in: root)
    }

    /// Makes or removes a name that has come or gone already; whether the kernel took part.
    @discardableResult private func announce(_ claim: Claim, _ path: String, _ call: () -> Int32) -> Bool {
        self.claim.withLock { $0 = (path, claim) }
        defer { self.claim.withLock { $0 = nil } }
        return call() == 0
    }

    /// The root of our mount, and of no other that may be at its place.
    private func openRoot() -> Int32? {
        guard let place = place.withLock({ $0 }) else { return nil }
        let root = open(place.mountPoint, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return nil }
        var status = stat()
        guard fstat(root, &status) == 0,
            Self.text(of: status.st_dev) == place.device
        else {
            close(root)
            return nil
        }
        return root
    }

    /// `major:minor` of a number that stat(2) gave, as makedev(3) puts it together.
    private static func text(of device: dev_t) -> String {
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        return "\(major):\(minor)"
    }

    /// The kernel's number of the calling thread, as requests name it (proc(5), /proc/thread-self).
    private static func threadID() -> Int32 {
        var target = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &target, target.count)
        guard count > 0 else { return 0 }
        let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").last.flatMap { Int32($0) } ?? 0
    }
}
