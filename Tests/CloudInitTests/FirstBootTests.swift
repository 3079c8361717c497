import CloudInit
import ProviderAPI
import Testing
import YAMLKit

@Suite("What a guest is told at its first boot")
struct FirstBootTests {
    private func document(_ values: [String: Value], name: String = "web1") throws -> YAMLNode {
        let boot = try #require(try FirstBoot(Specification(name: name, values: values)))
        let text = boot.userData.reveal()
        #expect(text.hasPrefix("#cloud-config\n"))
        return try #require(try YAML.parse(text))
    }

    @Test("Nothing where nothing was asked for, or cloudinit says no")
    func nothing() throws {
        #expect(try FirstBoot(Specification(name: "a", values: ["user": .text("u"), "domain": .text("d")])) == nil)
        let keys = Value(["ssh-ed25519 AAAA me"])
        #expect(try FirstBoot(Specification(name: "a", values: ["keys": keys, "cloudinit": .flag(false)])) == nil)
        #expect(try FirstBoot(Specification(name: "a", values: ["cloudinit": .flag(true)])) != nil)
    }

    @Test("User, keys, names, packages, commands and files")
    func config() throws {
        let file = Value.map([
            .init("path", .text("/etc/motd")), .init("content", .text("hello\nthere")), .init("mode", .text("644")),
            .init("owner", .text("web")),
        ])
        let node = try document([
            "user": .text("web"), "keys": Value(["ssh-ed25519 AAAA me"]), "domain": .text("lab.example"),
            "packages": Value(["nginx, curl"]), "cmds": Value(["echo a: b", "touch /x"]),
            "files": .map([.init("motd", file)]), "enableroot": .flag(true),
        ])
        #expect(node["hostname"]?.text == "web1")
        #expect(node["fqdn"]?.text == "web1.lab.example")
        #expect(node["user"]?.text == "web")
        #expect(node["ssh_authorized_keys"]?.elements?.map(\.text) == ["ssh-ed25519 AAAA me"])
        #expect(node["packages"]?.elements?.map(\.text) == ["nginx", "curl"])
        #expect(node["runcmd"]?.elements?.map(\.text) == ["echo a: b", "touch /x"])
        #expect(node["disable_root"]?.bool == false)
        let written = try #require(node["write_files"]?.elements?.first)
        #expect(written["path"]?.text == "/etc/motd")
        #expect(written["content"]?.text == "hello\nthere\n")
        #expect(written["permissions"]?.text == "0644")
        #expect(written["defer"]?.bool == true)
    }

    @Test("Passwords are hashes, and never shown")
    func passwords() throws {
        let values: [String: Value] = ["password": .text("geheim"), "rootpassword": .text("$6$salt$hash")]
        let boot = try #require(try FirstBoot(Specification(name: "a", values: values)))
        #expect(!boot.userData.reveal().contains("geheim"))
        #expect(!"\(boot)".contains("$6$"))
        let node = try document(values)
        #expect(node["password"]?.text?.hasPrefix("$6$") == true)
        #expect(node["chpasswd"]?["users"]?.elements?.first?["password"]?.text == "$6$salt$hash")
        #expect(node["chpasswd"]?["expire"]?.bool == false)
        #expect(node["ssh_pwauth"]?.bool == true)
    }

    @Test("Root as the login user")
    func root() throws {
        let node = try document(["user": .text("root"), "password": .text("x"), "keys": Value(["ssh-rsa AAAA"])])
        #expect(node["user"] == nil)
        #expect(node["password"] == nil)
        #expect(node["disable_root"]?.bool == false)
        #expect(node["chpasswd"]?["users"]?.elements?.first?["name"]?.text == "root")
    }

    @Test("User data as it is")
    func verbatim() throws {
        let script = "#!/bin/sh\necho hello"
        let boot = try #require(try FirstBoot(Specification(name: "a", values: ["userdata": .text(script)])))
        #expect(boot.userData.reveal() == script + "\n")
    }

    @Test(
        "What cannot be is refused by name",
        arguments: [
            ("keys", Value(["no key"])), ("hostname", .text("a_b")), ("dns", Value(["nobody"])),
            ("userdata", .text("hello")), ("userdata", .text("#cloud-config\n- a")),
            ("userdata", .text("#cloud-config\na: [")), ("networkdata", .text("[]")),
            ("files", .map([.init("f", .map([.init("content", .text("x"))]))])),
            ("files", .map([.init("f", .map([.init("path", .text("/x")), .init("mode", .text("9"))]))])),
            ("nics", .map([.init("eth0", .map([.init("ip", .text("10.0.0.300/24"))]))])),
            (
                "nics",
                .map([.init("eth0", .map([.init("ip", .text("10.0.0.3")), .init("netmask", .text("255.0.255.0"))]))])
            ),
            ("nics", .map([.init("eth0", .map([.init("gateway", .text("10.0.0.1"))]))])),
        ] as [(String, Value)])
    func refused(name: String, value: Value) {
        let error = #expect(throws: ProviderError.self) {
            try FirstBoot(Specification(name: "a", values: [name: value, "cloudinit": .flag(true)]))
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains(name) == true)
    }

    @Test("User data as it is stands alone")
    func alone() {
        let error = #expect(throws: ProviderError.self) {
            let values: [String: Value] = ["userdata": .text("#!/bin/sh"), "cmds": Value(["a"])]
            _ = try FirstBoot(Specification(name: "a", values: values))
        }
        #expect(error?.message.contains("cmds") == true)
    }

    @Test("Static addresses, by hardware address; DHCP for the others")
    func network() throws {
        let specification = Specification(
            name: "a",
            values: [
                "gateway": .text("10.0.0.1"), "dns": Value(["9.9.9.9"]), "domain": .text("lab"),
                "nics": .map([
                    .init("eth0", .map([.init("ip", .text("10.0.0.5")), .init("netmask", .text("255.255.255.0"))])),
                    .init("eth1", .map([.init("network", .text("other"))])),
                ]),
            ])
        let boot = try #require(try FirstBoot(specification))
        var interfaces = try FirstBoot.Interface.all(of: specification)
        interfaces[0].mac = "52:54:00:00:00:01"
        interfaces[1].mac = "52:54:00:00:00:02"
        let text = try #require(boot.networkConfig(interfaces))
        let node = try #require(try YAML.parse(text))
        #expect(node["version"]?.int == 2)
        let first = try #require(node["ethernets"]?["eth0"])
        #expect(first["match"]?["macaddress"]?.text == "52:54:00:00:00:01")
        #expect(first["addresses"]?.elements?.map(\.text) == ["10.0.0.5/24"])
        #expect(first["routes"]?.elements?.first?["via"]?.text == "10.0.0.1")
        #expect(first["nameservers"]?["addresses"]?.elements?.map(\.text) == ["9.9.9.9"])
        #expect(first["nameservers"]?["search"]?.elements?.map(\.text) == ["lab"])
        #expect(node["ethernets"]?["eth1"]?["dhcp4"]?.bool == true)
    }

    @Test("One interface with DHCP needs no configuration")
    func plain() throws {
        let boot = try #require(try FirstBoot(Specification(name: "a", values: ["cloudinit": .flag(true)])))
        let nics = Specification(name: "a", values: ["nics": .map([.init("eth0", .map([]))])])
        #expect(boot.networkConfig(try FirstBoot.Interface.all(of: nics)) == nil)
    }

    @Test(
        "A machine's name becomes a host name", arguments: [("web_1", "web-1"), ("-a.b-", "a.b"), ("é", "localhost")])
    func hostnames(name: String, hostname: String) throws {
        let boot = try #require(try FirstBoot(Specification(name: name, values: ["cloudinit": .flag(true)])))
        #expect(boot.hostname == hostname)
    }
}
