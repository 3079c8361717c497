import Foundation

/// The simulated AWS of `Tests/aws/cloud`, as its environment variables name it.
struct SimulatedCloud {
    /// Where it answers.
    let endpoint: String
    let region = "eu-west-3"
    let image: String
    /// A Python that has boto3.
    let python: String
    private let key: String
    private let secret: String

    /// Nil where none is named.
    init?(environment: [String: String]) {
        guard let endpoint = environment["INFRAFS_TEST_AWS"], let key = environment["INFRAFS_TEST_AWS_KEY"],
            let secret = environment["INFRAFS_TEST_AWS_SECRET"], let image = environment["INFRAFS_TEST_AWS_IMAGE"],
            let python = environment["INFRAFS_TEST_AWS_PYTHON"]
        else { return nil }
        (self.endpoint, self.key, self.secret, self.image, self.python) = (endpoint, key, secret, image, python)
    }

    /// What boto3 and infrafs sign requests with; no command line shows it.
    var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
        ]
    }

    /// The same for kcli, which takes keys from its own file alone.
    func kcliConfiguration() -> String {
        """
        default: {client: cloud}
        cloud: {type: aws, region: \(region), access_key_id: "\(key)", access_key_secret: "\(secret)", keypair: none}

        """
    }

    /// A new mount, `cloud` in it connected.
    func mount(in workshop: Workshop) throws -> Mounted {
        let mounted = try workshop.mount(
            """
            providers:
              cloud:
                {type: aws, region: \(region), endpoint_url: "\(endpoint)", access_key_id: "\(key)", access_key_secret: "\(secret)"}

            """)
        try wait(upTo: .seconds(30), for: "the cloud") {
            (try? String(contentsOfFile: "\(mounted.path)/cloud/status", encoding: .utf8)) == "up\n"
        }
        return mounted
    }
}

/// Many EC2 instances, against boto3's listing of all its pages, with the client at hand, and against kcli.
struct Instances {
    let workshop: Workshop
    let rounds: Int
    let count: Int
    let cloud: SimulatedCloud
    /// kcli; nil leaves its row out.
    let kcli: String?

    private static let prefix = "infrafs-benchmark-"

    func run(_ report: inout Report) throws {
        try python(Self.creation, "\(count)")
        defer { try? python(Self.deletion) }
        let title = "`cat vms/*/status`, \(grouped(count)) instances, cold"
        let pairing = try Pairing(rounds: rounds, warmUp: false) {
            try cold()
        } against: {
            try listing()
        }
        report.compare(title, with: "boto3, pages of `describe_instances`", pairing, goal: .atMost(1.2))
        guard let kcli else { return }
        let home = try workshop.directory("kcli-aws/.kcli")
        try cloud.kcliConfiguration().write(toFile: "\(home)/config.yml", atomically: true, encoding: .utf8)
        let variables = cloud.environment.merging(["HOME": "\(workshop.path)/kcli-aws"]) { $1 }
        // It looks up each instance by itself, with its image, type, subnet and volumes.
        let client = try Pairing(rounds: 1, warmUp: false) {
            try cold()
        } against: {
            try seconds { try Command.run([kcli, "list", "vm"], environment: variables) }
        }
        report.speedUp(title, over: "`kcli list vm`", client)
    }

    /// The first command after the mount.
    private func cold() throws -> Double {
        let mounted = try cloud.mount(in: workshop)
        defer { try? mounted.unmount() }
        return try Command.time(Command.catEvery("status"), in: "\(mounted.path)/cloud/vms")
    }

    /// Seconds that boto3 takes for the pages alone: the interpreter and the client are there before.
    private func listing() throws -> Double {
        let file = "\(workshop.path)/seconds"
        try python(Self.pages, file, "\(count)")
        guard let taken = Double(try String(contentsOfFile: file, encoding: .utf8)) else {
            throw BenchmarkError("boto3 told no time")
        }
        return taken
    }

    private func python(_ script: String, _ arguments: String...) throws {
        try Command.run(
            [cloud.python, "-c", script] + arguments,
            environment: cloud.environment.merging(["IMAGE": cloud.image, "PREFIX": Self.prefix]) { $1 })
    }

    // MARK: boto3

    private static let creation = """
        import boto3, os, sys
        ec2 = boto3.client("ec2")
        for number in range(int(sys.argv[1])):
            ec2.run_instances(ImageId=os.environ["IMAGE"], MinCount=1, MaxCount=1, InstanceType="t3.micro",
                TagSpecifications=[{"ResourceType": "instance", "Tags": [
                    {"Key": "Name", "Value": os.environ["PREFIX"] + str(number)}, {"Key": "plan", "Value": "bench"}]}])
        """

    private static let deletion = """
        import boto3, os
        ec2 = boto3.client("ec2")
        own = [{"Name": "tag:Name", "Values": [os.environ["PREFIX"] + "*"]}]
        for page in ec2.get_paginator("describe_instances").paginate(Filters=own):
            ids = [i["InstanceId"] for r in page["Reservations"] for i in r["Instances"]]
            if ids: ec2.terminate_instances(InstanceIds=ids)
        """

    private static let pages = """
        import boto3, sys, time
        ec2 = boto3.client("ec2")
        began = time.monotonic()
        pages = ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000})
        found = sum(len(r["Instances"]) for page in pages for r in page["Reservations"])
        taken = time.monotonic() - began
        assert found >= int(sys.argv[2]), found
        open(sys.argv[1], "w").write(str(taken))
        """
}
