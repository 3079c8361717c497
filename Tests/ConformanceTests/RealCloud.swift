import FoundationEssentials
import OpenStackProvider
import ProviderAPI

/// A project of a real OpenStack cloud, which Tests/openstack/conformance gives by the environment.
enum RealCloud {
    /// What the suite needs to know of it; nil where the environment names none.
    static let fixture: Fixture? = {
        let environment = ProcessInfo.processInfo.environment
        guard let cloud = environment["INFRAFS_TEST_CLOUD"], let image = environment["INFRAFS_TEST_CLOUD_IMAGE"] else {
            return nil
        }
        return Fixture(
            type: "openstack",
            make: {
                try OpenStack.registration.make(ProviderSettings(name: "lab", values: ["cloud": .text(cloud)]))
            },
            makeUnreachable: {
                // A port that nobody can listen on, before what the cloud's entry says.
                try OpenStack.registration.make(
                    ProviderSettings(
                        name: "lab", values: ["cloud": .text(cloud), "auth_url": .text("http://127.0.0.1:1/identity")]))
            },
            machine: ["memory": "1024\n", "cpus": "2\n", "image": "\(image)\n"],
            drafts: [
                .disks: ["size": "1\n"], .networks: ["cidr": "10.213.0.0/24\n"],
                .subnets: ["cidr": "10.214.0.0/24\n", "network": environment["INFRAFS_TEST_CLOUD_NETWORK"] ?? ""],
                .dns: ["email": "admin@example.org\n"],
            ],
            profile: ["image": "\(image)\n"],
            lacks: Set((environment["INFRAFS_TEST_CLOUD_LACKS"] ?? "").split(separator: " ").map(String.init)),
            patience: .seconds(180), timeout: .seconds(120), writesImagesOnce: true)
    }()
}
