import ProviderAPI

extension VirtualMachine.Status {
    /// The normalised state of a server: what is being done to it first, then its status, and for those that tell of
    /// neither the power state. See "Server concepts" in the Compute API guide.
    init(_ server: ServerPayload) {
        // One in error stays so whatever was being done to it when that happened.
        if server.status != "ERROR", let task = server.task, let status = Self.during(task) {
            self = status
            return
        }
        switch server.status {
        case "ACTIVE", "PASSWORD", "RESCUE": self = .up
        case "SHUTOFF", "SHELVED", "SHELVED_OFFLOADED": self = .down
        case "BUILD", "REBOOT", "HARD_REBOOT", "REBUILD": self = .starting
        case "PAUSED": self = .paused
        case "SUSPENDED": self = .suspended
        case "ERROR": self = .error
        case "RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE", "MIGRATING": self = Self.powered(server.power)
        case "DELETED", "SOFT_DELETED": self = .stopping
        default: self = .unknown
        }
    }

    private static func during(_ task: String) -> VirtualMachine.Status? {
        switch task {
        case "powering-on", "spawning", "scheduling", "networking", "block_device_mapping", "resuming", "unpausing",
            "restoring", "unshelving":
            .starting
        case "powering-off", "deleting", "soft-deleting", "suspending", "pausing", "shelving", "shelving_offloading",
            "shelving_image_uploading":
            .stopping
        default:
            task.hasPrefix("reboot") || task.hasPrefix("rebuild") ? .starting : nil
        }
    }

    private static func powered(_ state: Int?) -> VirtualMachine.Status {
        switch state {
        case 1: .up
        case 3: .paused
        case 4: .down
        case 6: .crashed
        case 7: .suspended
        default: .unknown
        }
    }
}
