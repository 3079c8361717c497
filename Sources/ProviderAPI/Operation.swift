/// Everything a provider can be asked to do. What one supports decides which files the tree shows and which of them
/// can be written. The raw value is the operation's name in `capabilities`, in the audit trail and in fault injection.
public enum Operation: String, Sendable, CaseIterable, Hashable, Comparable {
    // Virtual machines.
    case listVMs = "vm.list"
    case createVM = "vm.create"
    case deleteVM = "vm.delete"
    case startVM = "vm.start"
    case stopVM = "vm.stop"
    case shutdownVM = "vm.shutdown"
    case restartVM = "vm.restart"
    case resetVM = "vm.reset"
    case suspendVM = "vm.suspend"
    case pauseVM = "vm.pause"
    case resumeVM = "vm.resume"
    case renameVM = "vm.rename"
    case cloneVM = "vm.clone"
    case exportVM = "vm.export"
    case consoleVM = "vm.console"
    case serialVM = "vm.serial"
    case addressVM = "vm.ip"
    case portsVM = "vm.ports"
    case updateMemory = "vm.memory"
    case updateCPUs = "vm.cpus"
    case updateFlavor = "vm.flavor"
    case updateAutostart = "vm.autostart"
    case updateISO = "vm.iso"
    case updateMetadata = "vm.metadata"
    case updateDescription = "vm.description"
    case addDisk = "vm.disk.add"
    case deleteVMDisk = "vm.disk.delete"
    case attachDisk = "vm.disk.attach"
    case detachDisk = "vm.disk.detach"
    case growVMDisk = "vm.disk.grow"
    case addNIC = "vm.nic.add"
    case deleteNIC = "vm.nic.delete"
    case updateNIC = "vm.nic.update"
    case configureNIC = "vm.nic.configure"
    case reserveAddress = "vm.nic.reserve"
    case listSnapshots = "vm.snapshot.list"
    case createSnapshot = "vm.snapshot.create"
    case deleteSnapshot = "vm.snapshot.delete"
    case revertSnapshot = "vm.snapshot.revert"

    // Storage.
    case listDisks = "disk.list"
    case createDisk = "disk.create"
    case deleteDisk = "disk.delete"
    case growDisk = "disk.grow"
    case readDisk = "disk.read"
    case writeDisk = "disk.write"
    case listPools = "pool.list"
    case createPool = "pool.create"
    case deletePool = "pool.delete"
    case updatePool = "pool.update"

    // Networking.
    case listNetworks = "network.list"
    case createNetwork = "network.create"
    case deleteNetwork = "network.delete"
    case updateNetwork = "network.update"
    case portsNetwork = "network.ports"
    case serviceNetwork = "network.service"
    case linkNetwork = "network.link"
    case renameNetwork = "network.rename"
    case updateMTU = "network.mtu"
    case describeNetwork = "network.description"
    case guardNetwork = "network.port_security"
    case shareNetwork = "network.shared"
    case listSubnets = "subnet.list"
    case createSubnet = "subnet.create"
    case deleteSubnet = "subnet.delete"
    case updateSubnet = "subnet.update"
    case serviceSubnet = "subnet.service"
    case listSecurityGroups = "security_group.list"
    case createSecurityGroup = "security_group.create"
    case deleteSecurityGroup = "security_group.delete"
    case updateSecurityGroup = "security_group.update"
    case listDNS = "dns.list"
    case createDNSZone = "dns.zone.create"
    case deleteDNSZone = "dns.zone.delete"
    case updateDNS = "dns.record.update"
    case updateTTL = "dns.ttl.update"

    // Images and flavors.
    case listImages = "image.list"
    case createImage = "image.create"
    case deleteImage = "image.delete"
    case readImage = "image.read"
    case writeImage = "image.write"
    case updateImage = "image.update"
    case listISOs = "iso.list"
    case createISO = "iso.create"
    case deleteISO = "iso.delete"
    case listFlavors = "flavor.list"

    // Buckets.
    case listBuckets = "bucket.list"
    case createBucket = "bucket.create"
    case deleteBucket = "bucket.delete"
    case updateBucket = "bucket.update"
    case annotateBucket = "bucket.metadata"
    case listObjects = "object.list"
    case readObject = "object.read"
    case writeObject = "object.write"
    case copyObject = "object.copy"
    case deleteObject = "object.delete"

    // The platform itself.
    case hostInfo = "host.info"
    case events = "host.events"

    /// Order of the names; it makes listings stable.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The collection that it is about; nil for the platform itself.
    public var kind: Kind? {
        switch rawValue.prefix(while: { $0 != "." }) {
        case "vm": .vms
        case "disk": .disks
        case "pool": .pools
        case "network": .networks
        case "subnet": .subnets
        case "security_group": .securityGroups
        case "dns": .dns
        case "image": .images
        case "iso": .isos
        case "flavor": .flavors
        case "bucket", "object": .buckets
        default: nil
        }
    }
}
