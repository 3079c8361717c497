/// The types of pools that libvirt has (formatstorage), and what each is made from. What a host lacks, it refuses itself.
enum PoolType: String, CaseIterable {
    case dir, fs, netfs, logical, disk, iscsi
    case iscsiDirect = "iscsi-direct"
    case scsi, mpath, rbd, sheepdog, gluster, zfs, vstorage

    /// The parameters without which there is none.
    var needs: [String] {
        switch self {
        case .dir, .logical, .mpath: []
        case .fs, .disk: ["source_device"]
        case .netfs: ["source_host", "source_dir"]
        case .iscsi: ["source_host", "source_device"]
        case .iscsiDirect: ["source_host", "source_device", "source_initiator"]
        case .scsi: ["source_adapter"]
        case .gluster: ["source_host", "source_name"]
        case .rbd, .sheepdog, .zfs, .vstorage: ["source_name"]
        }
    }

    /// Those that mean something besides.
    private var options: [String] {
        switch self {
        case .dir: ["path", "build"]
        case .fs: ["path", "build", "source_format"]
        case .netfs: ["path", "build", "source_format"]
        case .logical: ["path", "build", "source_device", "source_name", "source_format"]
        case .disk: ["path", "build", "source_format"]
        case .iscsi: ["path", "source_initiator", "source_username", "source_secret"]
        case .iscsiDirect: ["source_username", "source_secret"]
        case .scsi, .mpath: ["path"]
        case .rbd: ["source_host", "source_username", "source_secret"]
        case .sheepdog: ["source_host"]
        case .gluster: ["source_dir"]
        case .zfs: ["path", "build", "source_device"]
        case .vstorage: ["path", "build"]
        }
    }

    /// Whether a parameter means something for it.
    func takes(_ parameter: String) -> Bool { needs.contains(parameter) || options.contains(parameter) }

    /// Those of which it has any number.
    var lists: [String] {
        switch self {
        case .rbd: ["source_host"]
        case .logical, .zfs: ["source_device"]
        default: []
        }
    }

    /// Where its volumes appear unless something else is said; nil where libvirt knows by itself, or where they have no
    /// paths.
    func path(_ name: String) -> String? {
        switch self {
        case .dir, .fs, .netfs, .vstorage: "/var/lib/libvirt/\(name)"
        case .disk: "/dev"
        case .iscsi, .scsi: "/dev/disk/by-path"
        case .mpath: "/dev/mapper"
        case .logical, .iscsiDirect, .rbd, .sheepdog, .gluster, .zfs: nil
        }
    }

    /// Whether building it formats something, which libvirt can be told never to do over what is there.
    var isFormatted: Bool { [.fs, .logical, .disk].contains(self) }

    /// Whether it is a directory that can be made without harm to anything.
    var isDirectory: Bool { [.dir, .fs, .netfs].contains(self) }
}
