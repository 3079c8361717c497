/// A standing volume: a libvirt volume, an EBS or Cinder volume.
public struct Disk: Resource {
    /// What can be changed in a volume.
    public enum Change: ResourceChange {
        /// GiB; only larger.
        case grow(size: Int)

        /// The operation a provider must support to carry it out.
        public var operation: Operation { .growDisk }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .disks }

    /// The platform's id (a volume key, `vol-...`).
    public var id: Identifier<Disk>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// GiB, as provisioned.
    public var size: Int?
    /// Bytes, exactly, as a reader of its content sees them.
    public var capacity: Int?
    /// Bytes that its content takes where it is kept; nil where that is not known.
    public var allocation: Int?
    /// The pool that holds it.
    public var pool: String?
    /// Where the platform keeps it.
    public var path: String?
    /// `qcow2`, `raw`, `gp3`, ...
    public var format: String?
    /// Names of the machines it is attached to.
    public var vms: [String]
    /// Whether ``vms`` is here: a bulk listing may leave it out.
    public var isComplete = true

    /// A volume of that identity.
    public init(
        id: Identifier<Disk>, name: String, size: Int? = nil, capacity: Int? = nil, pool: String? = nil,
        path: String? = nil, format: String? = nil, vms: [String] = []
    ) {
        self.id = id
        self.name = name
        self.size = size
        self.capacity = capacity
        self.pool = pool
        self.path = path
        self.format = format
        self.vms = vms
    }
}

/// A place that holds volumes: a libvirt pool, a datastore, a storage class.
public struct Pool: Resource {
    /// What can be changed in a pool.
    public enum Change: ResourceChange {
        case autostart(Bool)
        /// Make it available, or not.
        case active(Bool)

        /// The operation a provider must support to carry it out.
        public var operation: Operation { .updatePool }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .pools }

    /// The platform's id.
    public var id: Identifier<Pool>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// `dir`, `logical`, ...
    public var type: String?
    /// Where it keeps its volumes.
    public var path: String?
    /// Whether it is available.
    public var active: Bool
    /// Whether it starts with its host.
    public var autostart: Bool?
    /// Bytes.
    public var capacity: Int?
    /// Bytes in use.
    public var allocation: Int?
    /// Bytes free.
    public var available: Int?
    /// What it is made of, where that is not its path.
    public var source = Source()

    /// Where a pool's volumes come from, in libvirt's words (formatstorage).
    public struct Source: Sendable, Hashable {
        /// Servers, `HOST` or `HOST:PORT`.
        public var hosts: [String] = []
        /// Devices, or the target of an iSCSI server.
        public var devices: [String] = []
        /// A directory of the server.
        public var directory: String?
        /// A volume group, zpool, RBD pool or gluster volume.
        public var name: String?
        /// `ext4`, `nfs`, `gpt`, ...
        public var format: String?
        /// A SCSI host, or `WWNN:WWPN`.
        public var adapter: String?
        /// The IQN with which it logs in.
        public var initiator: String?
        /// Who logs in.
        public var username: String?
        /// The platform's name of the secret, never what it holds.
        public var secret: String?

        /// None.
        public init() {}
    }

    /// A pool of that identity.
    public init(id: Identifier<Pool>, name: String, type: String? = nil, path: String? = nil, active: Bool = true) {
        self.id = id
        self.name = name
        self.type = type
        self.path = path
        self.active = active
    }
}

/// A template that machines are made from.
public struct Image: Resource {
    /// What can be changed in an image: what is told of it. Its content is replaced, not changed.
    public enum Change: ResourceChange {
        /// In the platform's word.
        case visibility(String)
        /// What is noted under a key; nil removes it.
        case property(key: String, value: String?)

        /// The operation a provider must support to carry it out.
        public var operation: Operation { .updateImage }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .images }

    /// The platform's id (a volume key, `ami-...`).
    public var id: Identifier<Image>
    /// The name that `image` of a machine takes.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Bytes, as a reader of its content sees them.
    public var size: Int?
    /// Bytes that its content takes where it is kept; nil where that is not known.
    public var allocation: Int?
    /// `qcow2`, `raw`, `iso`, ...
    public var format: String?
    /// `available`, or the platform's word.
    public var status: String?
    /// The operating system, where the platform knows it.
    public var os: String?
    /// The pool that holds it.
    public var pool: String?
    /// Who may use it, in the platform's word: `private`, `shared`, `public`, ...
    public var visibility: String?
    /// What is noted about it beside the above, by keys.
    public var properties: [String: String] = [:]

    /// An image of that identity.
    public init(
        id: Identifier<Image>, name: String, size: Int? = nil, format: String? = nil, status: String? = nil,
        os: String? = nil, pool: String? = nil
    ) {
        self.id = id
        self.name = name
        self.size = size
        self.format = format
        self.status = status
        self.os = os
        self.pool = pool
    }
}

/// A medium for CD drives.
public struct ISO: Resource {
    /// An ISO is replaced, not changed.
    public typealias Change = NoChange

    /// The collection it belongs to.
    public static var kind: Kind { .isos }

    /// The platform's id.
    public var id: Identifier<ISO>
    /// The name that `iso` of a machine takes.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Bytes, as a reader of its content sees them.
    public var size: Int?
    /// Bytes that its content takes where it is kept; nil where that is not known.
    public var allocation: Int?
    /// `available`, or the platform's word.
    public var status: String?
    /// The operating system, where the platform knows it.
    public var os: String?
    /// The pool that holds it.
    public var pool: String?

    /// An ISO of that identity.
    public init(
        id: Identifier<ISO>, name: String, size: Int? = nil, status: String? = nil, os: String? = nil,
        pool: String? = nil
    ) {
        self.id = id
        self.name = name
        self.size = size
        self.status = status
        self.os = os
        self.pool = pool
    }
}

/// A size of machine that the platform sells.
public struct Flavor: Resource {
    /// A flavor belongs to the platform.
    public typealias Change = NoChange

    /// The collection it belongs to.
    public static var kind: Kind { .flavors }

    /// The platform's id.
    public var id: Identifier<Flavor>
    /// The name that `flavor` of a machine takes.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Virtual processors.
    public var cpus: Int?
    /// MiB.
    public var memory: Int?
    /// GiB of the disk that comes with it.
    public var disk: Int?
    /// Free text.
    public var description: String?

    /// A flavor of that identity.
    public init(
        id: Identifier<Flavor>, name: String, cpus: Int? = nil, memory: Int? = nil, disk: Int? = nil,
        description: String? = nil
    ) {
        self.id = id
        self.name = name
        self.cpus = cpus
        self.memory = memory
        self.disk = disk
        self.description = description
    }
}
