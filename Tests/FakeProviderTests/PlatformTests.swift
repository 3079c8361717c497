import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct PlatformTests {
    @Test func networksAreChecked() async throws {
        let rig = Rig()
        let networks = try #require(rig.provider.networks)
        let used = try #require(try await networks.list().first { $0.name == "backend" })
        #expect(used.ports.prefix(2) == ["db1", "db2"])
        #expect(await code { try await networks.delete(used.id, rig.job) } == .busy)
        for cidr in ["10.32.5.0/24", "10.50.0.1/24", "ten", "10.50.0.0/33"] {
            let specification = Specification(name: "n", values: ["cidr": .text(cidr)])
            #expect(await code { _ = try await networks.create(specification, rig.job) } == .invalidValue)
        }
        let made = try await networks.create(
            Specification(name: "n", values: ["cidr": .text("10.64.0.0/24"), "nat": .flag(false)]), rig.job)
        #expect(made.mode == "isolated" && made.dhcp == true)
        #expect(try await networks.apply(.link(.nat(true)), to: made.id, rig.job).mode == "nat")
        let subnets = try #require(rig.provider.subnets)
        let subnet = try await subnets.create(
            Specification(name: "s", values: ["network": .text("n"), "cidr": .text("10.64.0.0/25")]), rig.job)
        #expect(subnet.gateway == "10.64.0.1")
        #expect(await code { try await networks.delete(made.id, rig.job) } == .busy)
        #expect(
            await code { _ = try await subnets.apply(.routes(["nonsense"]), to: subnet.id, rig.job) } == .invalidValue)
        let pools = ["10.64.0.10 10.64.0.20", "10.64.0.30 10.64.0.40"]
        for change: Subnet.ServiceChange in [.dhcp(false), .pools(pools), .dns(["192.0.2.53"]), .gateway(nil)] {
            _ = try await subnets.apply(.service(change), to: subnet.id, rig.job)
        }
        let changed = try #require(try await subnets.items([subnet.id]).first)
        #expect(changed.dhcp == false && changed.pools == pools && changed.dns == ["192.0.2.53"])
        #expect(changed.gateway == nil)
        for wrong: Subnet.ServiceChange in [
            .pools(["10.64.0.10"]), .pools(["10.65.0.1 10.65.0.2"]), .gateway("10.9.0.1"),
        ] {
            let failure = await code { _ = try await subnets.apply(.service(wrong), to: subnet.id, rig.job) }
            #expect(failure == .invalidValue)
        }
        try await subnets.delete(subnet.id, rig.job)
        try await networks.delete(made.id, rig.job)
    }

    @Test func aNetworkIsRenamedWithAllThatIsOnIt() async throws {
        let rig = Rig()
        let networks = try #require(rig.provider.networks)
        let backend = try #require(try await networks.list().first { $0.name == "backend" })
        #expect(
            await code { _ = try await networks.apply(.rename("default"), to: backend.id, rig.job) } == .alreadyExists)
        let renamed = try await networks.apply(.rename("storage"), to: backend.id, rig.job)
        #expect(renamed.name == "storage" && renamed.ports == backend.ports && !renamed.ports.isEmpty)
        for change: Network.Change in [.description("for disks"), .portSecurity(false), .shared(true)] {
            _ = try await networks.apply(change, to: backend.id, rig.job)
        }
        let changed = try #require(try await networks.items([backend.id]).first)
        #expect(changed.description == "for disks" && changed.hasPortSecurity == false && changed.isShared == true)
        let machines = try #require(rig.provider.vms)
        let networksOfMachines = Set(try await machines.list().flatMap(\.nics).compactMap(\.network))
        #expect(networksOfMachines.contains("storage") && !networksOfMachines.contains("backend"))
    }

    @Test(arguments: [
        "ingress tcp 0 0.0.0.0/0", "ingress tcp 90-80 0.0.0.0/0", "sideways tcp 1 0.0.0.0/0", "ingress tcp 80",
        "ingress icmp 5 0.0.0.0/0", "ingress tcp 80 0.0.0.0", "ingress tcp 80-90-91 ::/0", "ingress ipx any ::/0",
    ])
    func aWrongRuleChangesNothing(rule: String) async throws {
        let rig = Rig()
        let groups = try #require(rig.provider.securityGroups)
        let web = try #require(try await groups.list().first { $0.name == "web" })
        let change = SecurityGroup.Change.rules(["ingress tcp 22 10.0.0.0/8", rule])
        #expect(await code { _ = try await groups.apply(change, to: web.id, rig.job) } == .invalidValue)
        #expect(try await groups.items([web.id]) == [web])
    }

    @Test func rulesAreSortedAndKeptOnce() async throws {
        let rig = Rig()
        let groups = try #require(rig.provider.securityGroups)
        let lines = ["ingress TCP 443 ::/0", "egress any any 0.0.0.0/0", "ingress  tcp 443 ::/0"]
        let group = try await groups.create(Specification(name: "g", values: ["rules": Value(lines)]), rig.job)
        #expect(group.rules == ["egress any any 0.0.0.0/0", "ingress tcp 443 ::/0"])
        let web = try #require(try await groups.list().first { $0.name == "web" })
        #expect(await code { try await groups.delete(web.id, rig.job) } == .busy)
        try await groups.delete(group.id, rig.job)
    }

    @Test func zonesTakeOnlyWhatIsARecord() async throws {
        let rig = Rig()
        let dns = try #require(rig.provider.dns)
        let zone = try #require(try await dns.list().first { $0.name == "example.com" })
        func set(_ name: String, _ type: String, _ values: [String]) async -> ProviderError.Code? {
            await code {
                _ = try await dns.apply(.set(.init(name: name, type: type, values: values)), to: zone.id, rig.job)
            }
        }
        #expect(await set("x", "A", ["10.0.0.1", "10.0.0.2"]) == nil)
        for (name, type, value) in [
            ("x", "A", "ten"), ("x", "AAAA", "10.0.0.1"), ("x", "CNAME", "y"), ("x", "HINFO", "z"),
            ("a b", "A", "1.1.1.1"),
            ("x", "MX", "mail"), ("www", "A", "1.1.1.1"), ("@", "CNAME", "y"),
        ] { #expect(await set(name, type, [value]) == .invalidValue, "\(name) \(type) \(value)") }
        let ttl = try await dns.apply(.ttl(name: "x", seconds: 60), to: zone.id, rig.job)
        #expect(ttl.records.first { $0.name == "x" }?.ttl == 60)
        #expect(await code { try await dns.delete(zone.id, rig.job) } == .notEmpty)
        #expect(
            await code { _ = try await dns.apply(.remove(name: "no", type: "A"), to: zone.id, rig.job) } == .notFound)
        let empty = try await dns.create(Specification(name: "new.example"), rig.job)
        try await dns.delete(empty.id, rig.job)
    }

    @Test func mediaInUseStay() async throws {
        let rig = Rig()
        let isos = try #require(rig.provider.isos)
        let iso = try #require(try await isos.list().first { $0.name == "virtio-win.iso" })
        #expect(await code { try await isos.delete(iso.id, rig.job) } == .busy)
        try await rig.apply(.iso(nil), "legacy1")
        try await isos.delete(iso.id, rig.job)
        let images = try #require(rig.provider.images)
        let task = Task { [job = rig.job] in
            try await images.create(
                Specification(name: "i", values: ["url": .text("https://images.example/i.qcow2")]), job)
        }
        #expect(try await rig.finish(task).status == "available")
        let nowhere = Specification(name: "j", values: ["url": .text("gopher://x")])
        #expect(await code { _ = try await images.create(nowhere, rig.job) } == .invalidValue)
    }
}
