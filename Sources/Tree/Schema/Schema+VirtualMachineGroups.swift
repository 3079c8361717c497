import ProviderAPI

extension VirtualMachine {
    private func disk(_ name: String) -> Disk? { disks.first { $0.name == name } }
    private func nic(_ name: String) -> NIC? { nics.first { $0.name == name } }
    private func snapshot(_ name: String) -> Snapshot? { snapshots.first { $0.name == name } }

    static let disksGroup = Group<VirtualMachine>(
        name: "disks", help: "its disks; mkdir adds one, rmdir deletes one, mv attaches and detaches",
        shape: .directories([
            .init("size", "GiB; write more to grow it") { Value($0.disk($1)?.size) }
                .writing(.growVMDisk) { (text, machine, name) throws(ProviderError) in
                    let size = try Parsing.gibibytes(text)
                    let now = machine.disk(name)?.size ?? 0
                    guard size >= now else {
                        throw ProviderError(.invalidValue, "a disk can only grow: \(name) has \(now) GiB")
                    }
                    return size == now ? nil : .growDisk(name, size: size)
                },
            .init("format", "qcow2, raw, ...") { Value($0.disk($1)?.format) },
            .init("bus", "virtio, scsi, sata, ide, ...") { Value($0.disk($1)?.bus) },
            .init("pool", "the pool that holds it") { Value($0.disk($1)?.pool) },
            .init("path", "where the platform keeps it") { Value($0.disk($1)?.path) },
            .init("type", "disk, cdrom, or the platform's volume type") { Value($0.disk($1)?.type) },
            .init("boot", "whether the machine boots from it") { $0.disk($1).map { .flag($0.boot) } ?? .none },
        ]),
        elements: { $0.disks.map(\.name) },
        make: (
            .addDisk,
            { (name, machine) throws(ProviderError) in .addDisk(Specification(name: try Parsing.name(name))) }
        ),
        remove: (.deleteVMDisk, { (name, _) in .deleteDisk(name) }))

    static let nicsGroup = Group<VirtualMachine>(
        name: "nics", help: "its network interfaces; mkdir adds one, rmdir removes one",
        shape: .directories([
            .init("network", "the network it is on; write another to move it") { Value($0.nic($1)?.network) }
                .writing(.updateNIC) { (text, machine, name) throws(ProviderError) in
                    let network = try Parsing.name(text)
                    return network == machine.nic(name)?.network ? nil : .updateNIC(name, network: network)
                },
            configurable("mac", "hardware address") { $0.mac },
            configurable("model", "virtio, e1000, ...") { $0.model },
            configurable("type", "the platform's interface type") { $0.type },
            .init("ip", "its addresses, one a line; write one to keep it for this interface, nothing to give it up") {
                Value($0.nic($1)?.addresses ?? [])
            }.writing(.reserveAddress) { (text, _, name) in
                .reserveAddress(name, address: text.isEmpty ? nil : text)
            },
        ]),
        elements: { $0.nics.map(\.name) },
        make: (
            .addNIC, { (name, _) throws(ProviderError) in .addNIC(Specification(name: try Parsing.name(name))) }
        ),
        remove: (.deleteNIC, { (name, _) in .deleteNIC(name) }))

    /// A file of an interface that is one of the parameters it was made with.
    private static func configurable(
        _ key: String, _ help: String, _ read: @escaping @Sendable (NIC) -> String?
    ) -> Group<VirtualMachine>.File {
        .init(key, help) { Value($0.nic($1).flatMap(read)) }
            .writing(.configureNIC) { (text, machine, name) throws(ProviderError) in
                let value = try Parsing.name(text)
                if machine.nic(name).flatMap(read) == value, machine.pending["nics"] == nil { return nil }
                return .configureNIC(name, Specification(name: name, values: [key: .text(value)]))
            }
    }

    static let snapshotsGroup = Group<VirtualMachine>(
        name: "snapshots", help: "its snapshots; mkdir makes one, rmdir deletes one", requires: .listSnapshots,
        shape: .directories([
            .init("current", "whether the machine's state descends directly from it") {
                $0.snapshot($1).map { .flag($0.current) } ?? .none
            },
            .init("creation_date", "when it was made, UTC") { Value($0.snapshot($1)?.creationDate) },
            .init("description", "free text") { Value($0.snapshot($1)?.description) },
            .init("parent", "the snapshot before it") { Value($0.snapshot($1)?.parent) },
            .init("state", "the machine's state in it") { Value($0.snapshot($1)?.state) },
        ]),
        elements: { $0.snapshots.map(\.name) },
        make: (
            .createSnapshot,
            { (name, _) throws(ProviderError) in .createSnapshot(Specification(name: try Parsing.name(name))) }
        ),
        makeFromDraft: { .createSnapshot($0) },
        remove: (.deleteSnapshot, { (name, _) in .deleteSnapshot(name) }))

    static let metadataGroup = Group<VirtualMachine>(
        name: "metadata", help: "free keys: create, write, append, rm",
        shape: .files(
            .init("KEY", "the value of that key") { Value($0.metadata[$1]) }
                .writing(.updateMetadata, document: true) { (text, machine, key) in
                    text == machine.metadata[key] ? nil : .metadata(key: key, value: text)
                }),
        elements: { $0.metadata.keys.sorted() },
        make: (.updateMetadata, { (key, _) throws(ProviderError) in .metadata(key: try Parsing.name(key), value: "") }),
        remove: (.updateMetadata, { (key, _) in .metadata(key: key, value: nil) }))
}
