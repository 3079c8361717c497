import ProviderAPI

extension Fleet {
    mutating func addPools(to state: inout CloudState) {
        let pools = [("default", "dir"), ("ssd", "zfs"), ("archive", "nfs")]
        for (name, type) in pools {
            var pool = Pool(id: Pool.ID("pool-" + random.hex(8)), name: name, type: type, path: "/srv/\(name)")
            pool.autostart = name != "archive"
            state.pools.insert(Plain(facts: pool))
        }
    }

    /// Pools are large enough for the fleet, with half of them free.
    func fillPools(of state: inout CloudState) {
        for pool in state.pools.facts {
            let allocation = room[pool.name] ?? 0
            let capacity = max(4 << 40, (2 * allocation >> 40 + 1) << 40)
            state.pools.touch(pool.id) { pool in
                pool.facts.capacity = capacity
                pool.facts.allocation = allocation
                pool.facts.available = capacity - allocation
            }
        }
    }

    mutating func addNetworks(to state: inout CloudState) {
        // Ranges of a large fleet are large.
        let prefix = options.vms > 20000 ? 12 : 16
        let rows: [(name: String, cidr: String?, mode: String, domain: String?, plan: String?)] = [
            ("default", "192.168.122.0/24", "nat", "lab.internal", nil),
            ("dmz", "10.16.0.0/\(prefix)", "route", "example.com", "edge"),
            ("backend", "10.32.0.0/\(prefix)", "isolated", "lab.internal", "shop"),
            ("office", nil, "bridge", nil, "office"),
        ]
        for row in rows {
            var network = Network(
                id: Network.ID("net-" + random.hex(11)), name: row.name, cidr: row.cidr, dhcp: row.cidr != nil,
                domain: row.domain, type: row.mode == "bridge" ? "bridged" : "routed", mode: row.mode, plan: row.plan)
            network.active = true
            network.autostart = true
            network.hasPortSecurity = true
            network.isShared = false
            if row.name == "dmz" { network.dualCIDR = "fd00:16::/64" }
            network.addServers(in: row.cidr.flatMap { AddressRange($0) })
            state.networks.insert(NetworkRecord(facts: network, range: row.cidr.flatMap { AddressRange($0) }))
        }
        addSubnets(to: &state)
    }

    private mutating func addSubnets(to state: inout CloudState) {
        let rows: [(name: String, cidr: String, network: String, az: String, routes: [String])] = [
            ("dmz-a", "10.16.0.0/20", "dmz", "zone-a", ["0.0.0.0/0 via internet"]),
            ("dmz-b", "10.16.16.0/20", "dmz", "zone-b", ["0.0.0.0/0 via internet"]),
            ("backend-a", "10.32.0.0/20", "backend", "zone-a", ["10.16.0.0/16 via lb1"]),
        ]
        for row in rows {
            let gateway = AddressRange(row.cidr)?.address(1)
            state.subnets.insert(
                Plain(
                    facts: Subnet(
                        id: Subnet.ID("subnet-" + random.hex(8)), name: row.name, cidr: row.cidr, az: row.az,
                        network: row.network, gateway: gateway, routes: row.routes)))
        }
    }

    mutating func addImages(to state: inout CloudState) {
        let images: [(name: String, mebibytes: Int, os: String)] = [
            ("debian-12", 424, "debian"), ("fedora-42", 508, "fedora"), ("rocky-9", 619, "rocky"),
            ("ubuntu-22.04", 663, "ubuntu"), ("ubuntu-24.04", 594, "ubuntu"), ("windows-2022", 5120, "windows"),
        ]
        for row in images {
            var image = Image(
                id: Image.ID("img-" + random.hex(11)), name: row.name, size: row.mebibytes << 20, format: "qcow2",
                status: "available", os: row.os, pool: "default")
            image.visibility = "public"
            image.properties = ["architecture": "x86_64"]
            let content = SparseContent(size: row.mebibytes << 20, seed: random.next())
            state.images.insert(ImageRecord(facts: image, allocation: row.mebibytes << 20, content: content))
            room["default", default: 0] += row.mebibytes << 20
        }
        let isos: [(name: String, mebibytes: Int, os: String)] = [
            ("debian-12-netinst.iso", 631, "debian"), ("ubuntu-24.04-live.iso", 2650, "ubuntu"),
            ("virtio-win.iso", 693, "windows"),
        ]
        for row in isos {
            state.isos.insert(
                Plain(
                    facts: ISO(
                        id: ISO.ID("iso-" + random.hex(11)), name: row.name, size: row.mebibytes << 20,
                        status: "available", os: row.os, pool: "archive")))
            room["archive", default: 0] += row.mebibytes << 20
        }
        addFlavors(to: &state)
    }

    private func addFlavors(to state: inout CloudState) {
        let rows: [(name: String, cpus: Int, memory: Int, disk: Int, text: String)] = [
            ("tiny", 1, 512, 5, "for trying things"), ("small", 1, 2048, 20, "for one small service"),
            ("medium", 2, 4096, 40, "for most things"), ("large", 4, 8192, 60, "for builds and databases"),
            ("xlarge", 8, 32768, 120, "ask before you take one"),
        ]
        for row in rows {
            state.flavors.insert(
                Plain(
                    facts: Flavor(
                        id: Flavor.ID(row.name), name: row.name, cpus: row.cpus, memory: row.memory, disk: row.disk,
                        description: row.text)))
        }
    }

    mutating func addStandingDisks(to state: inout CloudState) {
        for (name, size, pool) in [("photos-2024", 500, "archive"), ("scratch1", 20, "ssd")] {
            let id = Disk.ID("vol-" + random.hex(11))
            let facts = Disk(
                id: id, name: name, size: size, capacity: size << 30, pool: pool, path: "/srv/\(pool)/\(name).raw",
                format: "raw")
            let content = SparseContent(size: size << 30, seed: random.next())
            state.volumes.insert(Volume(facts: facts, allocation: size << 28, content: content))
            room[pool, default: 0] += size << 28
        }
    }

    mutating func addGroups(to state: inout CloudState) {
        let rows: [(name: String, text: String, network: String, rules: [String])] = [
            (
                "database", "PostgreSQL from the inside", "backend",
                ["ingress tcp 22 10.16.0.0/16", "ingress tcp 5432 10.32.0.0/16"]
            ),
            (
                "web", "the world on 80 and 443", "dmz",
                [
                    "egress any any 0.0.0.0/0", "ingress icmp any 0.0.0.0/0", "ingress tcp 22 192.168.122.0/24",
                    "ingress tcp 443 0.0.0.0/0", "ingress tcp 80 0.0.0.0/0",
                ]
            ),
        ]
        for row in rows {
            state.groups.insert(
                Plain(
                    facts: SecurityGroup(
                        id: SecurityGroup.ID("sg-" + random.hex(11)), name: row.name, description: row.text,
                        network: row.network, rules: row.rules)))
        }
    }

    mutating func addZones(to state: inout CloudState) {
        var outside: [DNSZone.RecordSet] = [
            .init(name: "@", type: "A", ttl: 300, values: ["203.0.113.10"]),
            .init(name: "@", type: "MX", ttl: 3600, values: ["10 mail1.example.com."]),
            .init(name: "@", type: "NS", ttl: 86400, values: ["ns1.fake.example.", "ns2.fake.example."]),
            .init(name: "@", type: "TXT", ttl: 3600, values: ["v=spf1 mx -all"]),
            .init(name: "www", type: "CNAME", ttl: 300, values: ["example.com."]),
        ]
        var inside: [DNSZone.RecordSet] = [.init(name: "@", type: "NS", ttl: 86400, values: ["ns1.fake.example."])]
        var seen: Set<String> = []
        for machine in state.machines.all.prefix(Row.company.count) where seen.insert(machine.facts.name).inserted {
            let addresses = machine.leases.filter { !$0.isEmpty }
            guard !addresses.isEmpty else { continue }
            let record = DNSZone.RecordSet(name: machine.facts.name, type: "A", ttl: 300, values: addresses)
            if machine.facts.metadata["domain"] == "example.com" {
                outside.append(record)
            } else {
                inside.append(record)
            }
        }
        for (name, records) in [("example.com", outside), ("lab.internal", inside)] {
            let sorted = records.sorted { ($0.name, $0.type) < ($1.name, $1.type) }
            state.zones.insert(
                Plain(facts: DNSZone(id: DNSZone.ID("zone-" + random.hex(8)), name: name, records: sorted)))
        }
    }
}
