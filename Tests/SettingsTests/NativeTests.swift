import ProviderAPI
import Settings
import Testing

@Suite("The configuration file")
struct NativeTests {
    let scratch = try? Scratch()

    @Test("Every kind of value is read")
    func whole() throws {
        let scratch = try #require(scratch)
        try scratch.write("key", "hunter2\n")
        let file = try scratch.write(
            "c.yaml",
            """
            providers:
              lab:
                type: kvm
                url: qemu:///system
                cache: 0
                timeout: 1m
                protect: ["vms/prod-*", "networks/[a-c]"]
                read_only: yes
              cloud:
                type: cloud
                region: eu-west-3
                access_key_secret: {file: key}
                retries: 3
                verify: no
                zones: a
                endpoint: {ec2: http://127.0.0.1:1}
                delete_running: true
                max_calls: 2
                images: [debian*]
            mount: {allow_other: true, umask: 022, uid: 5}
            """)
        let configuration = try scratch.load(path: file)
        #expect(configuration.source == file)
        let lab = try #require(configuration.providers.first)
        #expect(lab.name == "lab" && lab.registration.type == "kvm")
        #expect(lab.settings.text("url") == "qemu:///system")
        #expect(lab.common.cache == .zero && lab.common.timeout == .seconds(60) && lab.common.readOnly)
        #expect(lab.common.protect == ["vms/prod-*", "networks/[a-c]"])
        let cloud = try #require(configuration.providers.last)
        #expect(cloud.settings.secrets["access_key_secret"]?.reveal() == "hunter2")
        #expect(cloud.settings.number("retries") == 3 && cloud.settings.flag("verify") == false)
        #expect(cloud.settings.values["zones"] == .list([.text("a")]))
        #expect(cloud.settings.values["endpoint"]?["ec2"] == .text("http://127.0.0.1:1"))
        #expect(cloud.common.deleteRunning && cloud.common.maxCalls == 2 && cloud.common.images == ["debian*"])
        #expect(cloud.common.cache == .seconds(5) && cloud.common.timeout == .seconds(30))
        #expect(configuration.mount.allowOther && configuration.mount.umask == 0o22 && configuration.mount.uid == 5)
    }

    @Test(
        "Each mistake is named with its line, its key and what to do",
        arguments: [
            (
                "providers: {c: {type: cloud, region: x, acess_key_id: 1}}",
                "./c.yaml:1: unknown key 'acess_key_id' in provider 'c': did you mean 'access_key_id'?"
            ),
            (
                "providers:\n  c:\n    type: cloud\n    region: x\n    cahce: 5s\n",
                "./c.yaml:5: unknown key 'cahce' in provider 'c': did you mean 'cache'?"
            ),
            (
                "provider:\n  c: {type: kvm}\n",
                "./c.yaml: has no 'providers': name at least one, such as {lab: {type: kvm}}\n"
                    + "./c.yaml:1: unknown key 'provider': did you mean 'providers'?"
            ),
            ("providers:\n  c: {type: cloud}\n", "./c.yaml:2: provider 'c' needs 'region': where it is"),
            ("providers:\n  c: {region: x}\n", "./c.yaml:2: provider 'c' needs 'type': one of cloud, kvm"),
            ("providers:\n  c: {type: kwm}\n", "./c.yaml:2: unknown type 'kwm' in provider 'c': one of cloud, kvm"),
            ("providers:\n  c: kvm\n", "./c.yaml:2: provider 'c' must be a mapping such as {type: kvm}, not text"),
            (
                "providers: []\n",
                "./c.yaml:1: 'providers' must be a mapping of names to providers, such as {lab: {type: kvm}}, not a list"
            ),
            (
                "providers: {}\n",
                "./c.yaml:1: 'providers' must be a mapping of names to providers, such as {lab: {type: kvm}}, "
                    + "not an empty one"
            ),
            ("", "./c.yaml: is empty: infrafs.yaml(5) tells what to write"),
            ("- a\n", "./c.yaml:1: must be a mapping, not a list"),
            (
                "providers:\n  a: {type: kvm}\n  a: {type: kvm}\n",
                "./c.yaml:3: duplicate key 'a': it is already on line 2"
            ),
            (
                "providers:\n\ta: 1\n",
                "./c.yaml:2: while scanning for the next token: found character that cannot start any token"
            ),
            (
                "providers: {c: {type: kvm, cache: -1s}}",
                "./c.yaml:1: 'cache' in provider 'c' cannot be '-1s': write a duration such as 500ms, 5s or 2m"
            ),
            (
                "providers: {c: {type: kvm, cache: [1]}}",
                "./c.yaml:1: 'cache' in provider 'c' must be a duration such as 5s, not a list"
            ),
            (
                "providers: {c: {type: kvm, timeout: 0}}",
                "./c.yaml:1: 'timeout' in provider 'c' cannot be 0: write a duration such as 30s"
            ),
            (
                "providers: {c: {type: kvm, max_calls: 0}}",
                "./c.yaml:1: 'max_calls' in provider 'c' must be from 1 to 1000, not 0"
            ),
            (
                "providers: {c: {type: kvm, max_calls: many}}",
                "./c.yaml:1: 'max_calls' in provider 'c' must be a whole number, not text"
            ),
            (
                "providers: {c: {type: kvm, read_only: 1}}",
                "./c.yaml:1: 'read_only' in provider 'c' must be yes or no, not a number"
            ),
            (
                "providers: {c: {type: kvm, protect: ['vms/[a']}}",
                "./c.yaml:1: 'protect' in provider 'c' has an impossible pattern 'vms/[a': write it as vms/prod-* or "
                    + "vms/db[12]"
            ),
            (
                "providers: {c: {type: kvm, protect: prod-*}}",
                "./c.yaml:1: 'protect' in provider 'c' has a pattern that fits no resource, 'prod-*': write "
                    + "COLLECTION/NAME, such as vms/prod-*"
            ),
            (
                "providers: {c: {type: kvm, protect: [vm/prod-*]}}",
                "./c.yaml:1: 'protect' in provider 'c' has a pattern that fits no resource, 'vm/prod-*': write "
                    + "COLLECTION/NAME, such as vms/prod-*"
            ),
            (
                "providers: {c: {type: kvm, images: [[a]]}}",
                "./c.yaml:1: 'images' in provider 'c' must be a list of texts, and one of them is a list"
            ),
            (
                "providers: {c: {type: kvm, url: {a: b}}}",
                "./c.yaml:1: 'url' in provider 'c' must be text, not a mapping"
            ),
            (
                "providers: {c: {type: kvm, url: }}",
                "./c.yaml:1: 'url' in provider 'c' has no value: give it one, or remove the key"
            ),
            (
                "providers: {c: {type: cloud, region: x, endpoint: y}}",
                "./c.yaml:1: 'endpoint' in provider 'c' must be a mapping of names to values, not text"
            ),
            (
                "providers: {.infrafs: {type: kvm}}",
                "./c.yaml:1: impossible provider name '.infrafs': a name cannot begin with a dot: '.infrafs' and its like "
                    + "are the mount's own"
            ),
            (
                "providers: {README: {type: kvm}}",
                "./c.yaml:1: impossible provider name 'README': the name is taken: README is a file of the mount"
            ),
            (
                "providers: {a/b: {type: kvm}}",
                "./c.yaml:1: impossible provider name 'a/b': a name cannot hold a slash: it is a directory of the mount"
            ),
            ("providers: {'': {type: kvm}}", "./c.yaml:1: impossible provider name '': a name cannot be empty"),
            (
                "providers: {c: {type: kvm}}\nmount: {alow_other: yes}",
                "./c.yaml:2: 'alow_other' in 'mount' is unknown: did you mean 'allow_other'?"
            ),
            (
                "providers: {c: {type: kvm}}\nmount: {umask: 9}",
                "./c.yaml:2: 'umask' in 'mount' must be octal permission bits such as 022, not '9'"
            ),
            (
                "providers: {c: {type: kvm}}\nmount: {uid: -1}",
                "./c.yaml:2: 'uid' in 'mount' must be a number, not '-1'"
            ),
        ])
    func mistakes(text: String, complaint: String) throws {
        #expect(try #require(scratch).complaint(about: text) == complaint)
    }

    @Test("All mistakes of a file are told at once, by line")
    func several() throws {
        let text = "providers:\n  a: {type: kvm, cache: x}\n  b: {type: no}\nmoun: 1\n"
        let lines = try #require(scratch).complaint(about: text).split(separator: "\n")
        #expect(lines.map { $0.prefix(11) } == ["./c.yaml:2:", "./c.yaml:3:", "./c.yaml:4:"])
    }

    @Test("A file that is not there, or no file, is told by its path")
    func unreadable() throws {
        let scratch = try #require(scratch)
        for (path, words) in [
            ("/none/such", "cannot be read: No such file or directory"), ("/tmp", "is not a regular file"),
        ] {
            #expect { _ = try scratch.load(path: path) } throws: { "\($0)" == "\(path): \(words)" }
        }
    }

    @Test(
        "Durations",
        arguments: [
            ("5s", Duration.seconds(5)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("1d", .seconds(86400)), ("7", .seconds(7)), ("0", .zero), ("-1s", nil), ("s", nil), ("", nil),
            ("1.5s", nil),
            ("5 s", nil), ("99999999999999999999s", nil), ("9999999999d", nil), ("١s", nil),
        ])
    func durations(text: String, duration: Duration?) {
        #expect(DurationText.parse(text) == duration)
        if let duration { #expect(DurationText.parse(DurationText.format(duration)) == duration) }
    }
}

@Suite("Where the configuration is")
struct SourceTests {
    let scratch = try? Scratch()
    private let kvm = "providers: {NAME: {type: kvm}}"

    private func names(_ environment: [String: String] = [:], sockets: [String] = []) throws -> [String] {
        try #require(scratch).load(environment, sockets: sockets).providers.map(\.name)
    }

    @Test("The order: XDG, ~/.config, KCLI_CONFIG, ~/.kcli, the libvirt socket, none")
    func order() throws {
        let scratch = try #require(scratch)
        let native = "\(scratch.path)/.config/infrafs/config.yaml"
        #expect { _ = try scratch.load() } throws: {
            "\($0)" == "no configuration: write \(native) (infrafs.yaml(5) tells how), or try "
                + "'infrafs mount --demo MOUNTPOINT'"
        }
        let socket = try scratch.write("socket", "")
        #expect(try names(sockets: [socket]) == ["local"])
        try scratch.write(".kcli/config.yml", "byhome: {type: kvm}")
        #expect(try names(sockets: [socket]) == ["byhome"])
        let named = try scratch.write("kcli.conf", "byname: {type: kvm}")
        #expect(try names(["KCLI_CONFIG": named]) == ["byname"])
        try scratch.write(".config/infrafs/config.yaml", kvm.replacing("NAME", with: "home"))
        #expect(try names(["KCLI_CONFIG": named]) == ["home"])
        try scratch.write("xdg/infrafs/config.yaml", kvm.replacing("NAME", with: "xdg"))
        #expect(try names(["XDG_CONFIG_HOME": "\(scratch.path)/xdg"]) == ["xdg"])
    }

    @Test("A demonstration is one provider called demo")
    func demo() {
        let configuration = Configuration.demo(registrations[0])
        #expect(configuration.providers.map(\.name) == ["demo"])
        #expect(configuration.providers[0].registration.type == "cloud")
    }
}
