import XMLKit

extension EC2.Instance {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("instanceId") else { return nil }
        self.init(
            id: id, image: xml.text("imageId"), state: xml.text("instanceState/name") ?? "unknown",
            stateReason: xml.text("stateReason/code"), type: xml.text("instanceType"),
            launchTime: xml.text("launchTime"), zone: xml.text("placement/availabilityZone"),
            placementGroup: xml.text("placement/groupName"), tenancy: xml.text("placement/tenancy"),
            vpc: xml.text("vpcId"), subnet: xml.text("subnetId"), key: xml.text("keyName"),
            architecture: xml.text("architecture"), lifecycle: xml.text("instanceLifecycle"),
            privateAddress: xml.text("privateIpAddress"), publicAddress: xml.text("ipAddress"),
            rootDevice: xml.text("rootDeviceName"), hibernates: xml.flag("hibernationOptions/configured") ?? false,
            devices: xml.items("blockDeviceMapping").compactMap(Device.init),
            interfaces: xml.items("networkInterfaceSet").compactMap(Interface.init).sorted { $0.index < $1.index },
            groups: xml.items("groupSet").compactMap { $0.text("groupId") }, tags: xml.tags)
    }
}

extension EC2.Instance.Device {
    init?(_ xml: XMLElement) {
        guard let name = xml.text("deviceName") else { return nil }
        self.init(
            name: name, volume: xml.text("ebs/volumeId"), attachTime: xml.text("ebs/attachTime"),
            deletesOnTermination: xml.flag("ebs/deleteOnTermination") ?? false)
    }
}

extension EC2.Instance.Interface {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("networkInterfaceId") else { return nil }
        let addresses = xml.items("privateIpAddressesSet")
        let own = addresses.compactMap { $0.text("privateIpAddress") }
        let open = addresses.compactMap { $0.text("association/publicIp") }
        self.init(
            id: id, index: xml.number("attachment/deviceIndex") ?? 0, attachment: xml.text("attachment/attachmentId"),
            attachTime: xml.text("attachment/attachTime"), subnet: xml.text("subnetId"), vpc: xml.text("vpcId"),
            mac: xml.text("macAddress"), type: xml.text("interfaceType"),
            addresses: own.isEmpty ? [xml.text("privateIpAddress")].compactMap { $0 } : own,
            publicAddresses: open.isEmpty ? [xml.text("association/publicIp")].compactMap { $0 } : open,
            addresses6: xml.items("ipv6AddressesSet").compactMap { $0.text("ipv6Address") },
            groups: xml.items("groupSet").compactMap { $0.text("groupId") },
            deletesOnTermination: xml.flag("attachment/deleteOnTermination") ?? false)
    }
}

extension EC2.Volume {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("volumeId") else { return nil }
        self.init(
            id: id, size: xml.number("size"), type: xml.text("volumeType"), state: xml.text("status") ?? "unknown",
            zone: xml.text("availabilityZone"), snapshot: xml.text("snapshotId"), iops: xml.number("iops"),
            attachments: xml.items("attachmentSet").compactMap(Attachment.init), tags: xml.tags)
    }
}

extension EC2.Volume.Attachment {
    init?(_ xml: XMLElement) {
        guard let instance = xml.text("instanceId"), let device = xml.text("device") else { return nil }
        self.init(
            instance: instance, device: device, state: xml.text("status") ?? "attached",
            deletesOnTermination: xml.flag("deleteOnTermination") ?? false)
    }
}

extension EC2.Snapshot {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("snapshotId") else { return nil }
        self.init(
            // CreateSnapshots says `state` where DescribeSnapshots says `status`.
            id: id, volume: xml.text("volumeId"), state: xml.text("status") ?? xml.text("state") ?? "unknown",
            progress: xml.text("progress").flatMap { Int($0.filter(\.isNumber)) }, startTime: xml.text("startTime"),
            description: xml.text("description"), size: xml.number("volumeSize"), tags: xml.tags)
    }
}

extension EC2.MachineImage {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("imageId") else { return nil }
        self.init(
            id: id, name: xml.text("name"), owner: xml.text("imageOwnerId"), state: xml.text("imageState") ?? "unknown",
            architecture: xml.text("architecture"), platform: xml.text("platformDetails") ?? xml.text("platform"),
            creationDate: xml.text("creationDate"), rootDevice: xml.text("rootDeviceName"),
            devices: xml.items("blockDeviceMapping").compactMap { device in
                device.text("deviceName").map {
                    Device(name: $0, snapshot: device.text("ebs/snapshotId"), size: device.number("ebs/volumeSize"))
                }
            }, tags: xml.tags)
    }

    /// GiB of its root volume.
    var rootSize: Int? { devices.first { $0.name == rootDevice }?.size }
}

extension EC2.InstanceType {
    init?(_ xml: XMLElement) {
        guard let name = xml.text("instanceType") else { return nil }
        let accelerators = ["gpuInfo", "fpgaInfo", "inferenceAcceleratorInfo", "mediaAcceleratorInfo", "neuronInfo"]
        self.init(
            name: name, cpus: xml.number("vCpuInfo/defaultVCpus"), memory: xml.number("memoryInfo/sizeInMiB"),
            disk: xml.number("instanceStorageInfo/totalSizeInGB"),
            architectures: xml.items("processorInfo/supportedArchitectures").map(\.text),
            isCurrent: xml.flag("currentGeneration") ?? false, isBareMetal: xml.flag("bareMetal") ?? false,
            hasAccelerator: accelerators.contains { !(xml.first($0)?.elements.isEmpty ?? true) },
            usageClasses: xml.items("supportedUsageClasses").map(\.text),
            virtualization: xml.items("supportedVirtualizationTypes").map(\.text))
    }
}

extension EC2.VPC {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("vpcId") else { return nil }
        let ranges6 = xml.items("ipv6CidrBlockAssociationSet")
        self.init(
            id: id, cidr: xml.text("cidrBlock"), cidr6: ranges6.compactMap { $0.text("ipv6CidrBlock") }.first,
            state: xml.text("state"), isDefault: xml.flag("isDefault") ?? false, tags: xml.tags)
    }
}

extension EC2.NetworkRange {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("subnetId") else { return nil }
        self.init(
            id: id, vpc: xml.text("vpcId"), cidr: xml.text("cidrBlock"), zone: xml.text("availabilityZone"),
            isDefault: xml.flag("defaultForAz") ?? false,
            givesPublicAddresses: xml.flag("mapPublicIpOnLaunch") ?? false, tags: xml.tags)
    }
}

extension EC2.RouteTable {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("routeTableId") else { return nil }
        self.init(
            id: id, vpc: xml.text("vpcId"), routes: xml.items("routeSet").compactMap(Route.init),
            associations: xml.items("associationSet").compactMap { association in
                association.text("routeTableAssociationId").map {
                    Association(
                        id: $0, subnet: association.text("subnetId"), isMain: association.flag("main") ?? false)
                }
            }, tags: xml.tags)
    }
}

extension EC2.RouteTable.Route {
    /// The ids that can be a route's target, as EC2 names them.
    static let targets = [
        "gatewayId", "natGatewayId", "transitGatewayId", "vpcPeeringConnectionId", "egressOnlyInternetGatewayId",
        "networkInterfaceId", "instanceId", "localGatewayId", "carrierGatewayId", "coreNetworkArn",
    ]

    init?(_ xml: XMLElement) {
        let places = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"]
        guard let destination = places.lazy.compactMap({ xml.text($0) }).first else { return nil }
        self.init(
            destination: destination,
            // An instance is told beside its interface, and is what a person knows it by.
            target: xml.text("instanceId") ?? Self.targets.lazy.compactMap { xml.text($0) }.first ?? "unknown",
            origin: xml.text("origin"))
    }
}

extension EC2.InternetGateway {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("internetGatewayId") else { return nil }
        self.init(id: id, vpcs: xml.items("attachmentSet").compactMap { $0.text("vpcId") }, tags: xml.tags)
    }
}

extension EC2.Group {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("groupId") else { return nil }
        self.init(
            id: id, name: xml.text("groupName") ?? id, description: xml.text("groupDescription"),
            vpc: xml.text("vpcId"), ingress: xml.items("ipPermissions").map(Permission.init),
            egress: xml.items("ipPermissionsEgress").map(Permission.init), tags: xml.tags)
    }
}

extension EC2.Group.Permission {
    init(_ xml: XMLElement) {
        self.init(
            proto: xml.text("ipProtocol") ?? "-1", from: xml.number("fromPort"), to: xml.number("toPort"),
            ranges: xml.items("ipRanges").compactMap { $0.text("cidrIp") },
            ranges6: xml.items("ipv6Ranges").compactMap { $0.text("cidrIpv6") },
            groups: xml.items("groups").compactMap { $0.text("groupId") },
            prefixLists: xml.items("prefixListIds").compactMap { $0.text("prefixListId") })
    }
}

extension EC2.NetworkInterface {
    init?(_ xml: XMLElement) {
        guard let id = xml.text("networkInterfaceId") else { return nil }
        self.init(
            id: id, vpc: xml.text("vpcId"), subnet: xml.text("subnetId"), status: xml.text("status") ?? "unknown",
            instance: xml.text("attachment/instanceId"), attachment: xml.text("attachment/attachmentId"),
            tags: xml.tags)
    }
}
