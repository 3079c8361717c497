import HTTPTesting
import ProviderAPI
import Testing

@testable import AWSProvider

@Suite struct MachineTests {
    let cloud: StubCloud
    let machines: any CollectionService<VirtualMachine>

    init() throws {
        cloud = try StubCloud()
        machines = try #require(try cloud.provider().vms)
    }

    private func serveDetail() {
        cloud.on(
            "DescribeVolumes",
            Answers.set(
                "DescribeVolumes", "volumeSet",
                "<item><volumeId>vol-1</volumeId><size>8</size><volumeType>gp3</volumeType></item>"))
        cloud.on("DescribeSnapshots", Answers.set("DescribeSnapshots", "snapshotSet"))
        cloud.on(
            "DescribeVpcs",
            Answers.set(
                "DescribeVpcs", "vpcSet",
                "<item><vpcId>vpc-1</vpcId><tagSet><item><key>Name</key><value>lan</value></item></tagSet></item>"))
        cloud.on(
            "DescribeInstanceTypes",
            Answers.set(
                "DescribeInstanceTypes", "instanceTypeSet",
                "<item><instanceType>t3.micro</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo>"
                    + "<memoryInfo><sizeInMiB>1024</sizeInMiB></memoryInfo></item>"))
        cloud.on(
            "DescribeImages",
            Answers.set("DescribeImages", "imagesSet", "<item><imageId>ami-1</imageId><name>base</name></item>"))
    }

    @Test func aListingTakesAllPagesAndNothingElse() async throws {
        cloud.answer("DescribeInstances") { fields in
            fields["NextToken"] == nil
                ? Answers.instances([Answers.instance("i-1", name: "web")], next: "t=1")
                : Answers.instances([Answers.instance("i-2")])
        }
        let found = try await machines.list()
        #expect(found.map(\.name) == ["web", "i-2"])
        #expect(cloud.actions == ["DescribeInstances", "DescribeInstances"])
        #expect(cloud.calls("DescribeInstances")[1]["NextToken"] == "t=1")
        #expect(cloud.calls("DescribeInstances")[0]["MaxResults"] == "1000")
    }

    @Test func detailIsTheSameFewCallsHoweverManyMachines() async throws {
        serveDetail()
        cloud.on("DescribeInstances", Answers.instances((1...150).map { Answers.instance("i-\($0)", name: "m\($0)") }))
        let found = try await machines.items((1...150).map { .init("i-\($0)") })
        #expect(found.count == 150)
        #expect(Dictionary(grouping: cloud.actions) { $0 }.mapValues(\.count).values.allSatisfy { $0 == 1 })
        #expect(cloud.actions.count == 6)
    }

    @Test func anInstanceIsAMachine() async throws {
        serveDetail()
        cloud.on("DescribeInstances", Answers.instances([Answers.instance("i-1", name: "web")]))
        let machine = try #require(try await machines.items([.init("i-1")]).first)
        #expect(machine.isComplete && machine.status == .up && machine.rawStatus == "running")
        #expect(machine.addresses == ["54.1.2.3", "10.0.0.5"])
        #expect(machine.memory == 1024 && machine.cpus == 2 && machine.flavor == "t3.micro")
        #expect(machine.image == "base")
        #expect(machine.creationDate == "2026-01-02T03:04:05Z")
        #expect(machine.metadata == ["plan": "blue"], "own tags are not shown")
        #expect(machine.disks.map(\.name) == ["xvda", "sdf"], "the boot disk is the first")
        #expect(machine.disks.first?.size == 8 && machine.disks.first?.boot == true)
        #expect(machine.nics.first?.network == "lan" && machine.nics.first?.mac == "02:00:00:00:00:01")
    }

    @Test func resizingARunningMachineSaysWhatToDo() async throws {
        cloud.on("DescribeInstances", Answers.instances([Answers.instance("i-1", name: "web")]))
        let error = await #expect(throws: ProviderError.self) {
            _ = try await machines.apply(.flavor("t3.large"), to: .init("i-1"), SilentJob())
        }
        #expect(error?.code == .busy && error?.message.contains("write down to its status") == true)
        #expect(cloud.calls("ModifyInstanceAttribute").isEmpty)
    }

    @Test func whatWasWrittenIsReadThoughEC2DoesNotShowItYet() async throws {
        serveDetail()
        cloud.on("DescribeInstances", Answers.instances([Answers.instance("i-1", name: "web")]))
        cloud.on("StopInstances", Answers.done("StopInstances"))
        cloud.on("CreateTags", Answers.done("CreateTags"))
        let stopped = try await machines.apply(.power(.shutdown), to: .init("i-1"), SilentJob())
        #expect(stopped.status == .stopping)
        #expect(try await machines.list().first?.status == .stopping)
        let renamed = try await machines.apply(.rename("other"), to: .init("i-1"), SilentJob())
        #expect(renamed.name == "other" && renamed.status == .stopping)
        #expect(cloud.calls("StopInstances").first?["Force"] == nil)
    }

    @Test func aMachineIsLaunchedOnceWithAllThatWasAsked() async throws {
        serveDetail()
        cloud.on("DescribeInstances", Answers.instances([]))
        cloud.on(
            "DescribeImages",
            Answers.set(
                "DescribeImages", "imagesSet",
                "<item><imageId>ami-9</imageId><name>base-9</name><imageState>available</imageState>"
                    + "<architecture>x86_64</architecture><rootDeviceName>/dev/sda1</rootDeviceName></item>"))
        cloud.on(
            "RunInstances",
            .xml(
                200,
                "<RunInstancesResponse><instancesSet>\(Answers.instance("i-7", name: "new", state: "pending"))"
                    + "</instancesSet></RunInstancesResponse>"))
        let specification = Specification(
            name: "new",
            values: [
                "image": .text("base-*"), "flavor": .text("t3.micro"), "plan": .text("blue"),
                "metadata": .map([.init("team", .text("red"))]), "spot": .flag(true), "keypair": .text("k"),
                "disks": .map([
                    .init("disk0", .map([.init("size", .number(20)), .init("type", .text("gp3"))])),
                    .init("disk1", .map([.init("size", .number(5))])),
                ]), "cmds": Value(["touch /done"]),
            ])
        let machine = try await machines.create(specification, SilentJob())
        #expect(machine.name == "new" && machine.status == .starting)
        let call = try #require(cloud.calls("RunInstances").first)
        let expected = [
            "ImageId": "ami-9", "InstanceType": "t3.micro", "MinCount": "1", "MaxCount": "1", "KeyName": "k",
            "InstanceMarketOptions.MarketType": "spot", "BlockDeviceMapping.1.DeviceName": "/dev/sda1",
            "BlockDeviceMapping.1.Ebs.VolumeSize": "20", "BlockDeviceMapping.1.Ebs.VolumeType": "gp3",
            "BlockDeviceMapping.2.DeviceName": "/dev/sdf", "BlockDeviceMapping.2.Ebs.VolumeSize": "5",
            "TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "Name",
            "TagSpecification.1.Tag.1.Value": "new",
        ]
        for (key, value) in expected { #expect(call[key] == value, "\(key)") }
        #expect(call["ClientToken"]?.isEmpty == false && call["UserData"]?.isEmpty == false)
        #expect(cloud.calls("DescribeImages").first?["Owner.1"] == "amazon")
        #expect(try await machines.list().map(\.name) == ["new"], "EC2 does not list it yet: it is not gone")
    }
}
