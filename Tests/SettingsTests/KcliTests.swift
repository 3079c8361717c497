import ProviderAPI
import Settings
import Testing

@Suite("kcli's configuration")
struct KcliTests {
    let scratch = try? Scratch()

    private func load(_ text: String) throws -> Configuration {
        let scratch = try #require(scratch)
        try scratch.write(".kcli/config.yml", text)
        return try scratch.load()
    }

    private func complaint(_ text: String) -> String {
        do {
            return "accepted: \(try load(text).providers.count)"
        } catch {
            return "\(error)".replacing("\(scratch?.path ?? "")/.kcli", with: ".")
        }
    }

    @Test("Clients, defaults, disabled ones, groups and types that are not here")
    func clients() throws {
        let configuration = try load(
            """
            default:
              client: lab
              pool: fast
              numcpus: 4
              host: nowhere
            lab:
              host: 10.0.0.1
              memory: 2048
              nets: [default, {name: other}]
              cache: 2s
            off: {enabled: false, type: vsphere}
            all: {type: group, members: [lab]}
            far: {type: gcp, project: x}
            near: {type: cloud, region: here, pool: slow}
            """)
        #expect(configuration.providers.map(\.name) == ["lab", "near"])
        let lab = configuration.providers[0]
        #expect(lab.registration.type == "kvm" && lab.common.cache == .seconds(2))
        #expect(lab.settings.values == ["host": .text("10.0.0.1"), "pool": .text("fast")])
        #expect(
            lab.defaults == [
                "numcpus": .number(4), "memory": .number(2048),
                "nets": .list([.text("default"), .map([.init("name", .text("other"))])]),
            ])
        #expect(configuration.providers[1].settings.text("host") == nil)
        #expect(configuration.providers[1].defaults["pool"] == .text("slow"))
        let path = "\(try #require(scratch).path)/.kcli/config.yml"
        #expect(
            configuration.notes == [
                "\(path):12: client 'all' is a group of clients: passed over",
                "\(path):13: client 'far' is of type 'gcp', which this program does not have: passed over",
            ])
    }

    @Test("A single client without a default section, and without a type")
    func single() throws {
        let configuration = try load("twix: {url: 'qemu:///session'}\n")
        #expect(configuration.providers.map(\.name) == ["twix"])
        #expect(configuration.providers[0].settings.text("url") == "qemu:///session")
    }

    @Test("?secret values come from secrets.yml, and are not shown")
    func secrets() throws {
        let scratch = try #require(scratch)
        try scratch.write(".kcli/secrets.yml", "lab: {password: hunter2, url: 'qemu://hunter3'}\n")
        let configuration = try load("lab:\n  type: kvm\n  password: ?secret\n  url: ?secret\n")
        let settings = configuration.providers[0].settings
        #expect(settings.secrets["password"]?.reveal() == "hunter2" && settings.text("url") == "qemu://hunter3")
        #expect(!configuration.redacted.contains("hunter"))
        #expect(configuration.redacted.contains("url: <secret>"))
        #expect(
            complaint("lab: {type: kvm}\nx:\n  password: ?secret\n")
                == "./config.yml:3: 'password' in 'x' is ?secret, and ./secrets.yml has no value for it")
        try scratch.write(".kcli/secrets.yml", "lab: {password: hunter2}\n", mode: 0o644)
        #expect(
            complaint("lab:\n  password: ?secret\n")
                == "./secrets.yml: holds a secret and others can read it: run 'chmod 600 ./secrets.yml'")
    }

    @Test("Its files are checked as our own are")
    func checks() throws {
        let scratch = try #require(scratch)
        try scratch.write(".kcli/config.yml", "lab: {password: hunter2}\n", mode: 0o644)
        #expect { _ = try scratch.load() } throws: {
            "\($0)".hasSuffix(
                "/config.yml: holds a secret and others can read it: run 'chmod 600 \(scratch.path)/.kcli/config.yml'")
        }
        try scratch.write(".kcli/config.yml", "lab: {host: x}\n", mode: 0o644)
        #expect(try scratch.load().providers.count == 1)
        try scratch.write(".kcli/config.yml", "", mode: 0o600)
        #expect(complaint("lab: {host: [x]}\n") == "./config.yml:1: 'host' in client 'lab' must be text, not a list")
        #expect(complaint("lab: {cache: x}\n").hasPrefix("./config.yml:1: 'cache' in client 'lab' cannot be 'x'"))
        #expect(
            complaint("lab: 5\n") == "./config.yml:1: client 'lab' must be a mapping such as {type: kvm}, not a number")
        #expect(complaint("c: {type: cloud}\n") == "./config.yml:1: client 'c' needs 'region': where it is")
        #expect(
            complaint("far: {type: gcp}\n")
                == "./config.yml: has no client of a type that this program has (cloud, kvm)")
        #expect(
            complaint("default: {}\n") == "./config.yml: has no client of a type that this program has (cloud, kvm)")
    }

    @Test("Profiles are merged with their bases; those that cannot be are told")
    func profiles() throws {
        let scratch = try #require(scratch)
        try scratch.write(
            ".kcli/profiles.yml",
            """
            small: {memory: 512, numcpus: 1, image: debian12}
            web: {base: small, memory: 1024, disks: [10, {size: 20}]}
            big: {base: web, numcpus: 8, type: vm}
            box: {type: container, image: x}
            odd: {base: none}
            loop: {base: pool}
            pool: {base: loop}
            """)
        let configuration = try load("lab: {type: kvm}\n")
        #expect(configuration.profiles.keys.sorted() == ["big", "small", "web"])
        #expect(
            configuration.profiles["big"] == [
                "memory": .number(1024), "numcpus": .number(8), "image": .text("debian12"),
                "disks": .list([.number(10), .map([.init("size", .number(20))])]),
            ])
        let notes = configuration.notes.map { $0.replacing("\(scratch.path)/.kcli/", with: "") }
        #expect(
            notes == [
                "profiles.yml:4: profile 'box' is of type 'container': passed over",
                "profiles.yml:5: profile 'odd' has the base 'none', which is not there: passed over",
                "profiles.yml:6: profile 'loop' is its own base: passed over",
                "profiles.yml:7: profile 'pool' is its own base: passed over",
            ])
    }
}
