import ProviderAPI

extension CloudState {
    /// A volume to be, checked; or one that exists and is to be attached.
    struct VolumeDraft {
        var existing: Disk.ID?
        var wish = ""
        var name: String?
        var size = 10
        var pool = ""
        var format = "qcow2"
        var bus = "virtio"
        var type = "disk"
        var isThin = true
        var content: SparseContent?
    }

    /// What an empty thin volume takes, and a linked copy.
    static let smallest = 196_608
    static let gibibyte = 1 << 30
    static let buses = ["virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "nvme": "nvme"]
    static let formats = ["qcow2", "raw", "vmdk", "vdi"]

    /// The disks that a specification asks for: what it lists, else one.
    func diskDrafts(
        of specification: Specification, image: ImageRecord?, flavor: Int?
    ) throws(ProviderError) -> [VolumeDraft] {
        let listed = specification.values["disks"] != nil
        let entries = listed ? specification.entries("disks") : [Specification(name: "")]
        var drafts: [VolumeDraft] = []
        for (number, entry) in entries.enumerated() {
            var entry = entry
            if entry.text("volume") != nil {
                drafts.append(try volumeDraft(entry))
                continue
            }
            let defaults = [("pool", "pool"), ("size", "disksize"), ("bus", "diskinterface"), ("thin", "diskthin")]
            for (key, source) in defaults where entry.values[key] == nil {
                entry.values[key] = specification.values[source]
            }
            if number == 0, entry.values["image"] == nil { entry.values["image"] = image.map { .text($0.facts.name) } }
            var draft = try volumeDraft(entry, defaultSize: number == 0 ? flavor : nil)
            if entry.name.allSatisfy(\.isNumber) { draft.wish = "" }
            drafts.append(draft)
        }
        guard drafts.count <= 26 else { throw ProviderError(.quotaExceeded, "a machine has 26 disks at most") }
        try checkTogether(drafts)
        return drafts
    }

    func checkTogether(_ drafts: [VolumeDraft]) throws(ProviderError) {
        var room: [String: Int] = [:]
        var attached: Set<Disk.ID> = []
        for draft in drafts {
            if let id = draft.existing, !attached.insert(id).inserted {
                throw ProviderError(.invalidValue, "a volume is listed twice: list it once")
            }
            if draft.existing == nil { room[draft.pool, default: 0] += allocation(of: draft) }
        }
        for (pool, bytes) in room { try checkRoom(bytes, in: pool) }
        try checkContent(drafts.reduce(0) { $0 + ($1.content?.writtenBytes ?? 0) })
    }

    /// Checks one disk: its pool, its image, its size, its words.
    func volumeDraft(_ entry: Specification, defaultSize: Int? = nil) throws(ProviderError) -> VolumeDraft {
        try entry.require(only: Set(StandardParameters.vmDisk.map(\.name)))
        var draft = VolumeDraft(wish: entry.name)
        draft.bus = try Self.word("bus", entry.text("bus") ?? "virtio", Self.buses.keys.sorted())
        draft.type = entry.text("type") ?? "disk"
        if !entry.name.isEmpty { try Self.check(name: entry.name) }
        if let name = entry.text("volume") {
            for key in ["size", "pool", "format", "thin", "image"] where entry.values[key] != nil {
                throw ProviderError(
                    .invalidValue, "\(key) contradicts volume \(name), which exists: set one of the two")
            }
            let volume = try Self.named(name, on: volumes)
            try checkFree(volume)
            draft.existing = volume.facts.id
            return draft
        }
        draft.format = try Self.word("format", entry.text("format") ?? "qcow2", Self.formats)
        draft.isThin = entry.flag("thin") ?? true
        draft.pool = try poolName(entry.text("pool"))
        let image = try entry.text("image").map { (name) throws(ProviderError) in try usable(image: name) }
        let least = image.map { max(1, ($0.content.size + Self.gibibyte - 1) / Self.gibibyte) } ?? 1
        draft.size = entry.number("size") ?? defaultSize ?? max(10, least)
        try Self.check("size", draft.size, least...65536, unit: "GiB")
        draft.content = image?.content
        return draft
    }

    private func allocation(of draft: VolumeDraft) -> Int {
        draft.isThin ? Self.smallest + (draft.content?.size ?? 0) : draft.size * Self.gibibyte
    }

    /// Makes a volume in the collection; its checks are done.
    @discardableResult
    mutating func makeVolume(_ draft: VolumeDraft, name: String, owner: VirtualMachine.ID?) -> Disk.ID {
        let id = Disk.ID("vol-" + random.hex(11))
        let capacity = draft.size * Self.gibibyte
        var content = draft.content ?? SparseContent(size: capacity)
        content.resize(capacity)
        let path = (pools.find(draft.pool)?.facts.path ?? "") + "/\(name).\(draft.format)"
        let facts = Disk(
            id: id, name: name, size: draft.size, capacity: capacity, pool: draft.pool, path: path,
            format: draft.format)
        let bytes = allocation(of: draft)
        volumes.insert(
            Volume(facts: facts, owner: owner, isThin: draft.isThin, allocation: bytes, content: content))
        contentUsed += content.writtenBytes
        takeRoom(bytes, in: draft.pool)
        emit(id, "created")
        return id
    }

    /// Makes the volume of a draft where it is to be made, and attaches it.
    mutating func place(_ draft: VolumeDraft, on id: VirtualMachine.ID) {
        guard let machine = machines[id] else { return }
        let volume = draft.existing ?? makeVolume(draft, name: freeVolumeName(for: machine.facts.name), owner: id)
        attach(volume, to: id, wish: draft.wish, bus: draft.bus, type: draft.type)
    }

    /// Attaches a volume; its checks are done.
    mutating func attach(_ id: Disk.ID, to machine: VirtualMachine.ID, wish: String, bus: String, type: String) {
        guard let name = machines[machine]?.facts.name else { return }
        volumes.touch(id) { volume in
            volume.holder = machine
            volume.facts.vms = [name]
        }
        guard let facts = volumes[id]?.facts else { return }
        machines.touch(machine) { machine in
            let device = Self.device(wish: wish, bus: bus, taken: machine.facts.disks.map(\.name))
            let disk = VirtualMachine.Disk(
                name: device, volume: id, size: facts.size, format: facts.format, bus: bus, pool: facts.pool,
                path: facts.path, type: type, boot: machine.facts.disks.isEmpty)
            machine.facts.disks.append(disk)
        }
        emit(id, "attached")
    }

    /// Lets a volume go: it stands on its own from now on.
    mutating func release(_ id: Disk.ID) {
        volumes.touch(id) { volume in
            volume.holder = nil
            volume.owner = nil
            volume.facts.vms = []
        }
        emit(id, "detached")
    }

    /// Removes a volume with its content.
    mutating func removeVolume(_ id: Disk.ID) {
        guard let volume = volumes.remove(id) else { return }
        contentUsed -= volume.content.writtenBytes
        takeRoom(-volume.allocation, in: volume.facts.pool ?? "")
        emit(id, "deleted")
    }

    /// Copies a disk of one machine for another: the blocks are shared until one of them is written.
    mutating func copyDisk(_ disk: VirtualMachine.Disk, to machine: VirtualMachine.ID, full: Bool) {
        guard let source = disk.volume.flatMap({ volumes[$0] }), let owner = machines[machine] else { return }
        var volume = source
        let name = freeVolumeName(for: owner.facts.name)
        volume.facts.id = Disk.ID("vol-" + random.hex(11))
        volume.facts.name = name
        volume.facts.path =
            (pools.find(source.facts.pool ?? "")?.facts.path ?? "") + "/\(name).\(source.facts.format ?? "qcow2")"
        volume.owner = machine
        volume.allocation = full ? source.allocation : Self.smallest
        volumes.insert(volume)
        contentUsed += volume.content.writtenBytes
        takeRoom(volume.allocation, in: volume.facts.pool ?? "")
        emit(volume.facts.id, "created")
        attach(
            volume.facts.id, to: machine, wish: disk.name, bus: disk.bus ?? "virtio", type: disk.type ?? "disk")
    }

    func checkFree(_ volume: Volume) throws(ProviderError) {
        guard volume.holder == nil else {
            throw ProviderError(
                .busy,
                "the disk \(volume.facts.name) is in use by \(volume.facts.vms.joined(separator: ", ")): detach it first"
            )
        }
    }

    private func freeVolumeName(for machine: String) -> String {
        var number = 0
        while volumes.has(name: "\(machine)-disk\(number)") { number += 1 }
        return "\(machine)-disk\(number)"
    }

    /// The wish where it is free, else the next device name of the bus.
    static func device(wish: String, bus: String, taken: [String]) -> String {
        if !wish.isEmpty, !taken.contains(wish) { return wish }
        let stem = buses[bus] ?? "vd"
        let names = (0..<26).map { number in
            bus == "nvme" ? "nvme\(number)n1" : stem + String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number)))
        }
        return names.first { !taken.contains($0) } ?? "\(stem)\(taken.count)"
    }

    static func word(_ key: String, _ word: String, _ words: [String]) throws(ProviderError) -> String {
        guard words.contains(word) else {
            throw ProviderError(.invalidValue, "\(key): \(word) is none of \(words.joined(separator: ", "))")
        }
        return word
    }
}
