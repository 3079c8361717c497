import AWSProvider
import FakeProvider
import FoundationEssentials
import LibvirtProvider
import OpenStackProvider
import OpenStackTesting
import ProviderAPI
import Testing

@testable import infrafs

/// What the suite needs to know to run over a type of provider. What a provider supports is no part of it: that its
/// capabilities tell.
struct Fixture: Sendable {
    /// The `type:` that it is for.
    let type: String
    /// A provider that answers.
    let make: @Sendable () throws -> any Provider
    /// One of the same type whose platform cannot be reached.
    let makeUnreachable: @Sendable () throws -> any Provider
    /// What a draft of a machine needs here, by file.
    var machine: [String: String] = [:]
    /// What a draft of another resource needs here, by kind and file.
    var drafts: [Kind: [String: String]] = [:]
    /// What `profiles/default` needs here, for a bare mkdir.
    var profile: [String: String] = [:]
    /// Sizes that machines can have here.
    var sizes = Sizes()
    /// What the counterpart cannot show though the platform has it.
    var unseen: Set<ProviderAPI.Operation> = []

    /// Files that this counterpart cannot change though others of its platform can, as `KIND/FILE`.
    var lacks: Set<String> = []

    /// How long to wait for what a machine does.
    var patience = Duration.seconds(10)
    /// How long one request may take.
    var timeout = Duration.seconds(30)
    /// Whether the content of an image is written once, and stays.
    var writesImagesOnce = false

    /// MiB and processors: any, unless the platform sells only some.
    struct Sizes: Sendable {
        var draft = (memory: 1024, cpus: 3)
        var memories = [2048, 1536]
        var cpus = 3
        var restored = 768
        var edited = 1792
        var repeated = 1280
    }

    static let all = [aws, fake, libvirt, RealCloud.fixture ?? openstack]

    /// moto behind a judge that refuses what AWS refuses: Tests/aws/cloud starts it. One provider for all tests, since it
    /// asks for the 900 instance types once.
    private static let aws = Fixture(
        type: "aws",
        make: { try AWSCounterpart.provider.get() },
        makeUnreachable: {
            try AWS.registration.make(
                ProviderSettings(
                    name: "lab",
                    values: [
                        "endpoint_url": .text("http://127.0.0.1:9"), "region": .text("eu-west-3"),
                        "access_key_id": .text("AKID"),
                    ], secrets: ["access_key_secret": Secret("none")]))
        },
        machine: ["image": "tests/base-1\n", "flavor": "t3.micro\n", "az": "eu-west-3a\n"],
        drafts: [
            .disks: ["size": "3\n"], .networks: ["cidr": "10.213.0.0/16\n", "az": "eu-west-3a\n"],
            .subnets: ["cidr": "172.31.240.0/24\n", "network": "default\n"],
            .securityGroups: ["rules": "ingress tcp 22 10.0.0.0/8\n"],
        ],
        profile: ["image": "tests/base-1\n"],
        sizes: Sizes(
            draft: (memory: 8192, cpus: 4), memories: [2048, 4096], cpus: 4, restored: 2048, edited: 4096,
            repeated: 2048),
        // moto stops a machine that should hibernate.
        unseen: [.suspendVM])

    /// The simulated cloud, in which everything takes a few milliseconds.
    private static let fake = Fixture(
        type: "fake",
        make: {
            try Fake.registration.make(ProviderSettings(name: "lab", values: fast))
        },
        makeUnreachable: {
            let provider = try Fake.registration.make(ProviderSettings(name: "lab", values: fast))
            try provider.faults?.setFault("outage", to: "yes")
            return provider
        },
        machine: ["memory": "1024\n", "cpus": "2\n"],
        drafts: [
            .disks: ["size": "3\n"], .pools: ["type": "dir\n", "path": "/srv/pools/conformance\n"],
            .networks: ["cidr": "10.213.0.0/24\n"], .images: ["size": "1048576\n"], .isos: ["size": "1048576\n"],
            .subnets: ["cidr": "10.16.240.0/24\n", "network": "dmz\n"],
        ])

    private static let fast: [String: Value] = [
        "boot_time": .number(40), "stop_time": .number(30), "address_time": .number(20), "job_time": .number(30),
    ]

    /// libvirt's own simulation, which lives in this process: the suite leaves it as it was.
    private static let libvirt = Fixture(
        type: "kvm",
        make: {
            try Libvirt.registration.make(
                ProviderSettings(name: "lab", values: ["url": .text("test:///default"), "pool": .text("default-pool")]))
        },
        makeUnreachable: {
            try Libvirt.registration.make(
                ProviderSettings(name: "lab", values: ["url": .text("qemu+unix:///system?socket=/nonexistent/libvirt")])
            )
        },
        machine: ["memory": "1024\n", "cpus": "2\n"],
        drafts: [
            .disks: ["size": "1\n", "pool": "default-pool\n"],
            .pools: ["type": "dir\n", "path": "/tmp/infrafs-conformance-pool\n"],
            .networks: ["cidr": "10.213.0.0/24\n"],
        ])

    /// A cloud of the tests' own, over HTTP.
    private static let openstack = Fixture(
        type: "openstack",
        make: {
            let cloud = try StubCloud.shared.get()
            return try OpenStack.registration.make(settings(cloud.identity, cloud.account))
        },
        makeUnreachable: {
            // A port that nobody can listen on.
            try OpenStack.registration.make(settings("http://127.0.0.1:1/identity", ("demo", "demo", "secret")))
        },
        machine: ["memory": "1024\n", "cpus": "2\n", "image": "debian-12\n"],
        drafts: [
            .disks: ["size": "1\n"], .networks: ["cidr": "10.213.0.0/24\n"],
            .subnets: ["cidr": "10.214.0.0/24\n", "network": "default\n"], .dns: ["email": "admin@example.org\n"],
        ],
        profile: ["image": "debian-12\n"], writesImagesOnce: true)

    private static func settings(
        _ address: String, _ account: (user: String, project: String, password: String)
    ) -> ProviderSettings {
        ProviderSettings(
            name: "lab",
            values: [
                "auth_url": .text(address), "user": .text(account.user), "project": .text(account.project),
                "domain": .text("default"),
            ], secrets: ["password": Secret(account.password)])
    }
}

/// A registered type of provider, with its fixture where it has one.
struct Subject: Sendable, CustomTestStringConvertible {
    let registration: ProviderRegistration
    let fixture: Fixture?

    var testDescription: String { registration.type }

    /// Every registered type: one without a fixture fails wherever it is used. Over a real cloud, that one alone.
    static let all = allProviders.filter { RealCloud.fixture == nil || $0.type == RealCloud.fixture?.type }.map {
        registration in
        Subject(registration: registration, fixture: Fixture.all.first { $0.type == registration.type })
    }
}

/// The cloud that Tests/aws/cloud started.
private enum AWSCounterpart {
    struct Missing: Error, CustomStringConvertible {
        let description = "INFRAFS_TEST_AWS is not set: start Tests/aws/cloud, as Tests/run does"
    }

    static let provider = Result { () throws -> any Provider in
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["INFRAFS_TEST_AWS"], let key = environment["INFRAFS_TEST_AWS_KEY"],
            let secret = environment["INFRAFS_TEST_AWS_SECRET"]
        else { throw Missing() }
        return try AWS.registration.make(
            ProviderSettings(
                name: "lab",
                values: [
                    "endpoint_url": .text(url), "region": .text("eu-west-3"), "access_key_id": .text(key),
                ], secrets: ["access_key_secret": Secret(secret)]))
    }
}
