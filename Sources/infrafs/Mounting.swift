import Settings

/// What to mount, where and how.
struct MountRequest: Sendable {
    /// The providers.
    let configuration: Configuration
    /// How to mount: the configuration's section with `-o` over it.
    let settings: MountSettings
    /// An absolute path without links, checked to be an empty directory.
    let mountPoint: String
    /// What mount(8) and findmnt show as the source.
    let source: String
}

/// How the mount and the process talk to each other.
struct MountLifecycle: Sendable {
    /// To be called once, when the mount answers.
    let ready: @Sendable () -> Void
    /// To be called once, before `ready`, with what unmounts: it is called, on a thread of its own, when a signal asks.
    let onStop: @Sendable (@escaping @Sendable () -> Void) -> Void
}

/// Mounts, serves until the mount ends, and returns. It runs after the fork, so it may make threads.
typealias MountRunner = @Sendable (MountRequest, MountLifecycle) throws -> Void

/// The one that `infrafs mount` uses.
let mountRunner: MountRunner = { _, _ in
    throw Failure(.system, "this build has no FUSE bridge: it cannot mount")
}
