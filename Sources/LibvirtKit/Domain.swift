import CLibvirt

/// A domain's state (virDomainState), in virsh's words; those of a pause that nobody asked for tell its reason
/// (virDomainPausedReason).
public enum DomainState: String, Sendable, Hashable, CaseIterable {
    case none = "no state"
    case running, blocked, paused
    case pausedByStorage = "paused (I/O error)"
    case pausedByWatchdog = "paused (watchdog)"
    case pausedByPanic = "paused (crashed)"
    case shuttingDown = "in shutdown"
    case shutOff = "shut off"
    case crashed
    case suspended = "pmsuspended"

    init?(number: Int32, reason: Int32) {
        switch virDomainState(UInt32(bitPattern: number)) {
        case VIR_DOMAIN_NOSTATE: self = .none
        case VIR_DOMAIN_RUNNING: self = .running
        case VIR_DOMAIN_BLOCKED: self = .blocked
        case VIR_DOMAIN_PAUSED: self = .init(pausedFor: reason)
        case VIR_DOMAIN_SHUTDOWN: self = .shuttingDown
        case VIR_DOMAIN_SHUTOFF: self = .shutOff
        case VIR_DOMAIN_CRASHED: self = .crashed
        case VIR_DOMAIN_PMSUSPENDED: self = .suspended
        default: return nil
        }
    }

    private init(pausedFor reason: Int32) {
        self =
            switch virDomainPausedReason(UInt32(bitPattern: reason)) {
            case VIR_DOMAIN_PAUSED_IOERROR: .pausedByStorage
            case VIR_DOMAIN_PAUSED_WATCHDOG: .pausedByWatchdog
            case VIR_DOMAIN_PAUSED_CRASHED: .pausedByPanic
            default: .paused
            }
    }

    /// Whether it stands still and goes on where it is resumed.
    public var isPaused: Bool { [.paused, .pausedByStorage, .pausedByWatchdog, .pausedByPanic].contains(self) }
}

/// What a change of a domain affects (virDomainModificationImpact).
public struct DomainImpact: OptionSet, Sendable {
    /// libvirt's bits.
    public let rawValue: UInt32

    /// Wraps libvirt's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The running domain.
    public static let live = Self(rawValue: VIR_DOMAIN_AFFECT_LIVE.rawValue)
    /// The definition, from the next start on.
    public static let config = Self(rawValue: VIR_DOMAIN_AFFECT_CONFIG.rawValue)
}

/// A domain (virDomainPtr), owned. Every method blocks; a value stays on the thread of the ``CallQueue`` that made it.
public final class Domain {
    let pointer: virDomainPtr

    init(adopting pointer: virDomainPtr) {
        self.pointer = pointer
    }

    deinit {
        virDomainFree(pointer)
    }

    /// Its name (virDomainGetName).
    public var name: String { copied(virDomainGetName(pointer)) }

    /// Its identity (virDomainGetUUIDString).
    public var uuid: String { LibvirtKit.uuid { virDomainGetUUIDString(pointer, $0) } }

    /// Its state (virDomainGetState); nil for one that this version of libvirt does not know.
    public func state() throws(LibvirtError) -> DomainState? {
        var (number, reason): (Int32, Int32) = (0, 0)
        try check(virDomainGetState(pointer, &number, &reason, 0))
        return DomainState(number: number, reason: reason)
    }

    /// Its processors and its memory, in KiB (virDomainGetInfo).
    public func sizes() throws(LibvirtError) -> (cpus: Int, memory: Int) {
        var info = virDomainInfo()
        try check(virDomainGetInfo(pointer, &info))
        return (Int(info.nrVirtCpu), Int(info.memory))
    }

    /// Whether it runs (virDomainIsActive).
    public func isActive() throws(LibvirtError) -> Bool {
        try check(virDomainIsActive(pointer)) == 1
    }

    /// Whether it has a definition (virDomainIsPersistent).
    public func isPersistent() throws(LibvirtError) -> Bool {
        try check(virDomainIsPersistent(pointer)) == 1
    }

    /// Its XML (virDomainGetXMLDesc): as it runs, or as it will at the next start. `secrets` keeps passwords in it,
    /// which a definition that is written back must not lose.
    public func xml(inactive: Bool = false, secrets: Bool = false) throws(LibvirtError) -> String {
        var flags: UInt32 = 0
        if inactive { flags |= VIR_DOMAIN_XML_INACTIVE.rawValue }
        if secrets { flags |= VIR_DOMAIN_XML_SECURE.rawValue }
        return try adopt(virDomainGetXMLDesc(pointer, flags))
    }

    /// Starts it (virDomainCreate).
    public func start() throws(LibvirtError) {
        try check(virDomainCreate(pointer))
    }

    /// Powers it off, hard (virDomainDestroy).
    public func destroy() throws(LibvirtError) {
        try check(virDomainDestroy(pointer))
    }

    /// Asks the guest to power off (virDomainShutdown).
    public func shutdown() throws(LibvirtError) {
        try check(virDomainShutdown(pointer))
    }

    /// Asks the guest to reboot (virDomainReboot).
    public func reboot() throws(LibvirtError) {
        try check(virDomainReboot(pointer, 0))
    }

    /// Pulls the reset line (virDomainReset).
    public func reset() throws(LibvirtError) {
        try check(virDomainReset(pointer, 0))
    }

    /// Freezes it (virDomainSuspend).
    public func suspend() throws(LibvirtError) {
        try check(virDomainSuspend(pointer))
    }

    /// Lets it go on (virDomainResume).
    public func resume() throws(LibvirtError) {
        try check(virDomainResume(pointer))
    }

    /// Wakes it from the guest's own suspension (virDomainPMWakeup).
    public func wake() throws(LibvirtError) {
        try check(virDomainPMWakeup(pointer, 0))
    }

    /// Forgets its definition, its saved state, its firmware's variables and its checkpoints' metadata
    /// (virDomainUndefineFlags).
    public func undefine() throws(LibvirtError) {
        let flags =
            VIR_DOMAIN_UNDEFINE_MANAGED_SAVE.rawValue | VIR_DOMAIN_UNDEFINE_NVRAM.rawValue
            | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA.rawValue
        guard virDomainUndefineFlags(pointer, flags) < 0 else { return }
        let error = LibvirtError.last()
        // Drivers that know none of these have nothing of the kind to remove either.
        guard error.code == .invalidArgument || error.code == .noSupport else { throw error }
        try check(virDomainUndefineFlags(pointer, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE.rawValue))
    }
}
