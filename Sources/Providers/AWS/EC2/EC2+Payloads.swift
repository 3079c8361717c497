import XMLKit

/// A set of answers as EC2 writes them: `<NAME><item>...</item></NAME>`.
extension XMLElement {
    func items(_ name: String) -> [XMLElement] { all(name + "/item") }

    func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    func flag(_ path: String) -> Bool? {
        switch text(path) {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// The tags in `tagSet`.
    var tags: [String: String] {
        Dictionary(items("tagSet").map { ($0.text("key") ?? "", $0.text("value") ?? "") }) { $1 }
    }
}

extension EC2 {
    /// A virtual machine, as DescribeInstances and RunInstances give it.
    struct Instance: Sendable, Hashable {
        struct Device: Sendable, Hashable {
            var name: String
            var volume: String?
            var attachTime: String?
            var deletesOnTermination: Bool
        }

        struct Interface: Sendable, Hashable {
            var id: String
            var index: Int
            var attachment: String?
            var attachTime: String?
            var subnet: String?
            var vpc: String?
            var mac: String?
            var type: String?
            var addresses: [String]
            var publicAddresses: [String]
            var addresses6: [String]
            var groups: [String]
            var deletesOnTermination: Bool
        }

        var id: String
        var image: String?
        var state: String
        var stateReason: String?
        var type: String?
        var launchTime: String?
        var zone: String?
        var placementGroup: String?
        var tenancy: String?
        var vpc: String?
        var subnet: String?
        var key: String?
        var architecture: String?
        var lifecycle: String?
        var privateAddress: String?
        var publicAddress: String?
        var rootDevice: String?
        var hibernates: Bool
        var devices: [Device]
        var interfaces: [Interface]
        var groups: [String]
        var tags: [String: String]
    }

    /// An EBS volume.
    struct Volume: Sendable, Hashable {
        struct Attachment: Sendable, Hashable {
            var instance: String
            var device: String
            var state: String
            var deletesOnTermination: Bool
        }

        var id: String
        var size: Int?
        var type: String?
        var state: String
        var zone: String?
        var snapshot: String?
        var iops: Int?
        var attachments: [Attachment]
        var tags: [String: String]
    }

    /// A snapshot of one volume.
    struct Snapshot: Sendable, Hashable {
        var id: String
        var volume: String?
        var state: String
        var progress: Int?
        var startTime: String?
        var description: String?
        var size: Int?
        var tags: [String: String]
    }

    /// An AMI.
    struct MachineImage: Sendable, Hashable {
        struct Device: Sendable, Hashable {
            var name: String
            var snapshot: String?
            var size: Int?
        }

        var id: String
        var name: String?
        var owner: String?
        var state: String
        var architecture: String?
        var platform: String?
        var creationDate: String?
        var rootDevice: String?
        var devices: [Device]
        var tags: [String: String]
    }

    /// An instance type.
    struct InstanceType: Sendable, Hashable {
        var name: String
        var cpus: Int?
        var memory: Int?
        var disk: Int?
        var architectures: [String]
        var isCurrent: Bool
        var isBareMetal: Bool
        /// GPUs, FPGAs and the like: what nobody should get without asking.
        var hasAccelerator: Bool
        var usageClasses: [String]
        var virtualization: [String]
    }

    struct VPC: Sendable, Hashable {
        var id: String
        var cidr: String?
        var cidr6: String?
        var state: String?
        var isDefault: Bool
        var tags: [String: String]
    }

    struct NetworkRange: Sendable, Hashable {
        var id: String
        var vpc: String?
        var cidr: String?
        var zone: String?
        var isDefault: Bool
        var givesPublicAddresses: Bool
        var tags: [String: String]
    }

    struct RouteTable: Sendable, Hashable {
        struct Route: Sendable, Hashable {
            var destination: String
            var target: String
            var origin: String?
        }

        struct Association: Sendable, Hashable {
            var id: String
            var subnet: String?
            var isMain: Bool
        }

        var id: String
        var vpc: String?
        var routes: [Route]
        var associations: [Association]
        var tags: [String: String]
    }

    struct InternetGateway: Sendable, Hashable {
        var id: String
        var vpcs: [String]
        var tags: [String: String]
    }

    struct Group: Sendable, Hashable {
        struct Permission: Sendable, Hashable {
            var proto: String
            var from: Int?
            var to: Int?
            var ranges: [String]
            var ranges6: [String]
            var groups: [String]
            var prefixLists: [String]
        }

        var id: String
        var name: String
        var description: String?
        var vpc: String?
        var ingress: [Permission]
        var egress: [Permission]
        var tags: [String: String]
    }

    /// A standing network interface.
    struct NetworkInterface: Sendable, Hashable {
        var id: String
        var vpc: String?
        var subnet: String?
        var status: String
        var instance: String?
        var attachment: String?
        var tags: [String: String]
    }
}
