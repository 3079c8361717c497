import ProviderAPI

/// The fleet that a cloud begins with: a small company's, made from the seed alone.
struct Fleet {
    let options: FakeOptions
    var random: Randomness
    /// Room that the volumes of the fleet take, by pool.
    var room: [String: Int] = [:]
    private var metadata: [[String]: [String: String]] = [:]
    private var numbers: [String: Int] = [:]

    init(_ options: FakeOptions) {
        self.options = options
        random = Randomness(seed: options.seed &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The cloud at its beginning, with nothing to tell yet.
    func build(epoch: Int) -> CloudState {
        var fleet = self
        var state = CloudState(options: options, epoch: epoch)
        fleet.addPools(to: &state)
        fleet.addNetworks(to: &state)
        fleet.addImages(to: &state)
        fleet.addMachines(to: &state)
        fleet.addStandingDisks(to: &state)
        fleet.fillPools(of: &state)
        fleet.addGroups(to: &state)
        fleet.addZones(to: &state)
        fleet.addBuckets(to: &state)
        _ = state.takeEvents()
        return state
    }

    private mutating func addMachines(to state: inout CloudState) {
        state.machines.reserve(options.vms)
        state.volumes.reserve(options.vms + options.vms / 8 + 8)
        for number in 0..<options.vms { add(row(number), number: number, to: &state) }
    }

    /// What the nth machine is.
    private mutating func row(_ number: Int) -> Row {
        if number < Row.company.count {
            let row = Row.company[number]
            numbers[Self.stem(row.name), default: 0] += 1
            return row
        }
        if number == options.vms - 1, options.hasOddNames { return Row.odd }
        let role = Row.roles[number % Row.roles.count]
        let index = (numbers[role.name] ?? 0) + 1
        numbers[role.name] = index
        var row = role
        row.name += String(index)
        row.plan = Row.plans[number / Row.roles.count % Row.plans.count]
        row.owner = Row.owners[number / 32 % Row.owners.count]
        row.status = Self.status(random.next() % 100)
        return row
    }

    private static func stem(_ name: String) -> String { String(name.prefix { !$0.isNumber }) }

    private static func status(_ dice: UInt64) -> VirtualMachine.Status {
        switch dice {
        case 0..<83: .up
        case 83..<97: .down
        case 97..<99: .suspended
        default: .crashed
        }
    }

    private mutating func add(_ row: Row, number: Int, to state: inout CloudState) {
        let id = VirtualMachine.ID(random.uuid())
        let isRunning = row.status == .up || row.status == .suspended
        var facts = VirtualMachine(id: id, name: row.name, status: row.status, rawStatus: Self.word(row.status))
        facts.memory = row.memory
        facts.cpus = row.cpus
        facts.flavor = row.flavor
        facts.autostart = row.plan != "ci"
        facts.image = row.image
        facts.iso = row.iso
        facts.creationDate = Self.dates[number / 16 % Self.dates.count]
        facts.description = row.description
        facts.metadata = metadata(of: row)
        facts.disks = disks(of: row, id: id, in: &state)
        var machine = Machine(facts: facts, leases: [], groups: row.groups)
        if isRunning { machine.boot() }
        addNICs(of: row, to: &machine, in: &state)
        if isRunning { machine.showAddresses() }
        if let snapshot = row.snapshot { addSnapshot(snapshot, to: &machine, in: state) }
        state.machines.insert(machine)
    }

    private static func word(_ status: VirtualMachine.Status) -> String {
        switch status {
        case .up: "running"
        case .down: "shutoff"
        default: status.rawValue
        }
    }

    /// Few dates, each shared by many machines: the fleet grew by the week.
    private static let dates = (0..<26).map { Timestamp.iso(1_736_000_000 + $0 * 604_800 + $0 * 4211) }

    /// One dictionary for all machines that have the same.
    private mutating func metadata(of row: Row) -> [String: String] {
        let key = [row.plan, row.profile, row.owner, row.user]
        if let known = metadata[key] { return known }
        var made = ["plan": row.plan, "profile": row.profile, "owner": row.owner, "user": row.user]
        made["domain"] = row.networks.contains("dmz") ? "example.com" : "lab.internal"
        made["securitygroups"] = row.groups.isEmpty ? nil : row.groups.joined(separator: "\n")
        metadata[key] = made
        return made
    }

    private mutating func disks(
        of row: Row, id: VirtualMachine.ID, in state: inout CloudState
    ) -> [VirtualMachine.Disk] {
        let holder = [row.name]
        return row.disks.enumerated().map { number, size in
            let isBoot = number == 0
            let volume = Disk.ID("vol-" + random.hex(11))
            let plain = "\(Self.isPlain(row.name) ? row.name : "odd")-disk\(number)"
            let name = state.volumes.has(name: plain) ? "\(plain)-\(volume.rawValue.suffix(4))" : plain
            let path = "/srv/\(row.pool)/\(name).qcow2"
            let capacity = size << 30
            var content = isBoot ? state.images.find(row.image)?.content : nil
            content?.resize(capacity)
            let image = isBoot ? state.images.find(row.image)?.content.size ?? 0 : 0
            let allocation = CloudState.smallest + image + Int(random.next() % 8) << 27
            var facts = Disk(
                id: volume, name: name,
                size: size, capacity: capacity, pool: row.pool, path: path, format: "qcow2")
            facts.vms = holder
            state.volumes.insert(
                Volume(
                    facts: facts, owner: id, holder: id, allocation: allocation,
                    content: content ?? SparseContent(size: capacity, seed: random.next())))
            room[row.pool, default: 0] += allocation
            return VirtualMachine.Disk(
                name: isBoot ? "vda" : "vdb", volume: volume, size: size, format: "qcow2", bus: "virtio",
                pool: row.pool, path: path, type: "disk", boot: isBoot)
        }
    }

    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 > 32 && $0 < 127 }
    }

    private mutating func addNICs(of row: Row, to machine: inout Machine, in state: inout CloudState) {
        for (number, network) in row.networks.enumerated() {
            machine.facts.nics.append(
                VirtualMachine.NIC(
                    name: number == 0 ? "eth0" : "eth\(number)", network: network, mac: random.mac(), model: "virtio",
                    type: network == "office" ? "bridge" : "network"))
            var lease = ""
            if let id = state.networks.find(network)?.facts.id {
                state.networks.touch(id) { lease = $0.lease() ?? "" }
            }
            machine.leases.append(lease)
        }
    }

    private func addSnapshot(_ name: String, to machine: inout Machine, in state: CloudState) {
        machine.facts.snapshots = [
            VirtualMachine.Snapshot(
                name: name, current: true, creationDate: "2025-11-03T21:40:12Z",
                description: "taken by hand before the upgrade", state: "running")
        ]
        var kept: [Disk.ID: Volume] = [:]
        for id in machine.facts.disks.compactMap(\.volume) { kept[id] = state.volumes[id] }
        machine.saved = [
            Machine.Saved(
                memory: 8192, cpus: machine.facts.cpus, flavor: nil, metadata: machine.facts.metadata,
                description: machine.facts.description, disks: machine.facts.disks, volumes: kept)
        ]
    }
}

/// What a machine of the fleet is made from.
struct Row: Sendable {
    var name: String
    var plan = "shop"
    var profile = "web"
    var image = "ubuntu-24.04"
    var owner = "alice"
    var user = "ubuntu"
    var networks = ["dmz"]
    var pool = "ssd"
    var memory = 2048
    var cpus = 2
    var disks = [20]
    var status = VirtualMachine.Status.up
    var flavor: String?
    var iso: String?
    var description: String?
    var snapshot: String?
    var groups: [String] = []

    static let plans = ["blog", "intranet", "analytics", "staging", "billing", "shop"]
    static let owners = ["alice", "bob", "carol", "dave", "erin"]

    /// The company's own machines, which every fleet begins with.
    static let company: [Row] = [
        Row(name: "web1", description: "storefront", groups: ["web"]),
        Row(name: "web2", description: "storefront", groups: ["web"]),
        Row(name: "web3", status: .down, description: "storefront, spare for the season", groups: ["web"]),
        Row(
            name: "db1", profile: "postgres", image: "debian-12", owner: "bob", user: "debian", networks: ["backend"],
            memory: 16384, cpus: 4, disks: [20, 200], description: "orders database, primary",
            snapshot: "before-upgrade", groups: ["database"]),
        Row(
            name: "db2", profile: "postgres", image: "debian-12", owner: "bob", user: "debian", networks: ["backend"],
            memory: 16384, cpus: 4, disks: [20, 200], description: "orders database, replica", groups: ["database"]),
        Row(
            name: "cache1", profile: "cache", image: "debian-12", user: "debian", networks: ["backend"], memory: 8192,
            disks: [10]),
        Row(
            name: "lb1", plan: "edge", profile: "balancer", image: "debian-12", owner: "carol", user: "debian",
            networks: ["dmz", "backend"], memory: 1024, disks: [10], description: "the way in from outside",
            groups: ["web"]),
        Row(
            name: "mail1", plan: "office", profile: "mail", image: "rocky-9", owner: "carol", user: "rocky",
            networks: ["default"], pool: "default", memory: 4096, disks: [40], flavor: "medium"),
        Row(
            name: "build1", plan: "ci", profile: "runner", owner: "dave", networks: ["default"], pool: "default",
            memory: 8192, cpus: 4, disks: [60], status: .suspended, flavor: "large"),
        Row(
            name: "build1", plan: "ci", profile: "runner-next", image: "fedora-42", owner: "erin", user: "fedora",
            networks: ["default"], pool: "default", memory: 4096, cpus: 4, disks: [60], status: .down,
            description: "to replace the other build1"),
        Row(
            name: "legacy1", plan: "office", profile: "windows", image: "windows-2022", owner: "carol",
            user: "Administrator", networks: ["office"], pool: "default", memory: 8192, cpus: 4, disks: [80],
            iso: "virtio-win.iso", description: "accounting; its address is set by hand"),
    ]

    /// The one whose name needs care.
    static let odd = Row(
        name: "büro/kasse 1", plan: "office", profile: "kiosk", image: "debian-12", owner: "carol", user: "debian",
        networks: ["default"], pool: "default", memory: 1024, cpus: 1, disks: [10],
        description: "a name with a slash, a space and an umlaut")

    /// What the rest of a large fleet is made of; their names get numbers.
    static let roles: [Row] = [
        Row(name: "web", groups: ["web"]),
        Row(name: "app", profile: "app", networks: ["backend"], memory: 4096),
        Row(name: "worker", profile: "worker", image: "debian-12", user: "debian", networks: ["backend"]),
        Row(
            name: "db", profile: "postgres", image: "debian-12", user: "debian", networks: ["backend"], memory: 8192,
            cpus: 4, disks: [20, 100], groups: ["database"]),
        Row(
            name: "cache", profile: "cache", image: "debian-12", user: "debian", networks: ["backend"], memory: 4096,
            cpus: 1, disks: [10]),
        Row(name: "api", profile: "api", memory: 4096, groups: ["web"]),
        Row(
            name: "queue", profile: "queue", image: "rocky-9", user: "rocky", networks: ["backend"], pool: "default",
            cpus: 1, disks: [10]),
        Row(
            name: "proxy", profile: "proxy", image: "debian-12", user: "debian", memory: 1024, cpus: 1, disks: [10]),
    ]
}
