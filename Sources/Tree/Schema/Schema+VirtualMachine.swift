import Inventory
import ProviderAPI

extension VirtualMachine: Described {
    static let schema = ResourceSchema<VirtualMachine>(
        help: "virtual machines",
        attributes: states + identity + sizes + media + notes + actions,
        groups: [disksGroup, nicsGroup, snapshotsGroup, metadataGroup],
        obstacle: { machine, policy in
            guard machine.isPoweredOn, !policy.deletesRunning else { return nil }
            return ProviderError(
                .busy, "\(machine.name) is \(machine.status.rawValue): write down to its status before deleting it")
        },
        beforeDeletion: { machine, policy, hidden in
            let snapshots = machine.snapshots.filter { hidden.contains("snapshots/\(EntryName.encode($0.name))") }
            let powerOff: [Change] = machine.isPoweredOn && policy.deletesRunning ? [.power(.down)] : []
            return powerOff + snapshots.reversed().map { .deleteSnapshot($0.name) }
        },
        rename: { .rename($0) }, renaming: .renameVM)

    /// Whether deleting it now would pull the power.
    var isPoweredOn: Bool {
        guard !isUnfinished else { return false }
        switch status {
        case .up, .suspended, .starting, .stopping, .paused: return true
        case .down, .crashed, .error, .unknown: return false
        }
    }

    private typealias Row = Attribute<VirtualMachine>

    private static let states: [Row] = [
        .fact(
            "status",
            "up, down, suspended, starting, ...; write up, down, shutdown, restart, reset, suspend, pause, resume"
        ) {
            .text($0.status.rawValue)
        }.writing(
            .startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM, .pauseVM, .resumeVM
        ) { (text, machine) throws(ProviderError) in try power(text, machine) },
        .fact("raw_status", "the platform's own word for the status") { .text($0.rawStatus) },
    ]

    private static let identity: [Row] = [
        .fact("id", "the platform's own id") { .text($0.id.rawValue) },
        .fact("name", "the platform's name; write another to rename") { .text($0.name) }
            .writing(.renameVM) { (text, machine) throws(ProviderError) in
                let name = try Parsing.name(text)
                return name == machine.name ? nil : .rename(name)
            },
        .fact("ip", "the address to use", detail: true) { Value($0.addresses.first) },
        .fact("ips", "every address, one a line", detail: true) { Value($0.addresses) },
    ]

    private static let sizes: [Row] = [
        .fact("memory", "MiB; write 4096, 4096M or 4G", detail: true) { Value($0.memory) }
            .writing(.updateMemory) { (text, machine) throws(ProviderError) in
                let size = try Parsing.mebibytes(text)
                guard size > 0 else { throw ProviderError(.outOfRange, "memory must be more than 0 MiB") }
                return size == machine.memory && machine.pending["memory"] == nil ? nil : .memory(size)
            },
        .fact("cpus", "virtual processors", detail: true) { Value($0.cpus) }
            .writing(.updateCPUs) { (text, machine) throws(ProviderError) in
                let count = try Parsing.number(text)
                guard count > 0 else { throw ProviderError(.outOfRange, "a machine has at least one processor") }
                return count == machine.cpus && machine.pending["cpus"] == nil ? nil : .cpus(count)
            },
        .fact("flavor", "the size of machine that the platform sells", detail: true, requires: .listFlavors) {
            Value($0.flavor)
        }.writing(.updateFlavor) { (text, machine) throws(ProviderError) in
            text == machine.flavor ? nil : .flavor(try Parsing.name(text))
        },
        .fact("autostart", "whether it starts with its host: yes or no") { $0.autostart.map(Value.flag) ?? .none }
            .writing(.updateAutostart) { (text, machine) throws(ProviderError) in
                let flag = try Parsing.flag(text)
                return flag == machine.autostart ? nil : .autostart(flag)
            },
        .fact("pending", "what takes effect only at the next boot", detail: true) { machine in
            guard !machine.pending.isEmpty else { return .none }
            return .map(machine.pending.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
        },
    ]

    private static let media: [Row] = [
        .fact("image", "the image it was made from", detail: true) { Value($0.image) },
        .fact("iso", "the medium in its CD drive; write a name to change it, nothing to eject", detail: true) {
            Value($0.iso)
        }.writing(.updateISO) { (text, machine) throws(ProviderError) in
            guard text != machine.iso ?? "" else { return nil }
            return .iso(text.isEmpty ? nil : text)
        },
        .fact("console", "where a viewer connects", detail: true, requires: .consoleVM) { Value($0.console) },
        .fact("ports", "the networks it is on, one a line", detail: true) { machine in
            let networks = machine.nics.compactMap(\.network)
            return Value(networks.isEmpty ? machine.ports : networks)
        },
    ]

    private static let notes: [Row] =
        StandardParameters.metadataKeys.map { key in
            Row.fact(key, "\(key), kept where kcli keeps it", detail: true) { Value($0.metadata[key]) }
                .writing(.updateMetadata) { (text, machine) in
                    guard text != machine.metadata[key] ?? "" else { return nil }
                    return .metadata(key: key, value: text.isEmpty ? nil : text)
                }
        } + [
            .fact("creation_date", "when it was made, UTC", detail: true) { Value($0.creationDate) },
            .fact("description", "free text", detail: true) { Value($0.description) }
                .writing(.updateDescription, document: true) { (text, machine) in
                    text == machine.description ?? "" ? nil : .description(text)
                },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ]

    private static let actions: [Row] = [
        .action("add_nic", "write NETWORK [model=MODEL] [mac=MAC] [type=TYPE] to add an interface", .addNIC) {
            (text, machine) throws(ProviderError) in
            let words = text.split(separator: " ").map(String.init)
            guard let network = words.first, !network.contains("=") else {
                throw ProviderError(.invalidValue, "write a network, then model=, mac= or type= as wished")
            }
            var wish = Specification(name: "eth\(machine.nics.count)", values: ["network": .text(network)])
            for word in words.dropFirst() {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, StandardParameters.nic.contains(where: { $0.name == parts[0] }) else {
                    throw ProviderError(.invalidValue, "'\(Parsing.shown(word))' is not model=, mac=, ip= or type=")
                }
                wish.values[parts[0]] = .text(parts[1])
            }
            return .addNIC(wish)
        },
        .action("revert", "write a snapshot's name to go back to it", .revertSnapshot) {
            (text, machine) throws(ProviderError) in
            guard machine.snapshots.contains(where: { $0.name == text }) else {
                throw ProviderError(.invalidValue, "\(machine.name) has no snapshot '\(Parsing.shown(text))'")
            }
            return .revertSnapshot(text)
        },
        .action("clone", "write NEW [full] [start] to copy the machine", .cloneVM) {
            (text, _) throws(ProviderError) in
            let words = text.split(separator: " ").map(String.init)
            guard let name = words.first, Set(words.dropFirst()).isSubset(of: ["full", "start"]) else {
                throw ProviderError(.invalidValue, "write the new name, then full, start or both")
            }
            return .clone(
                name: try Parsing.name(name), full: words.dropFirst().contains("full"),
                start: words.dropFirst().contains("start"))
        },
        .action("export", "write the name of the image to make of it", .exportVM) { (text, _) throws(ProviderError) in
            .export(image: try Parsing.name(text))
        },
    ]

    @Sendable private static func power(_ text: String, _ machine: VirtualMachine) throws(ProviderError) -> Change? {
        guard let action = PowerAction(rawValue: text) else {
            if text == machine.status.rawValue { return nil }
            if text == Status.suspended.rawValue { return .power(.suspend) }
            if text == Status.paused.rawValue { return .power(.pause) }
            let words = PowerAction.allCases.map(\.rawValue).joined(separator: ", ")
            throw ProviderError(.invalidValue, "'\(Parsing.shown(text))' is no power action: write one of \(words)")
        }
        switch (action, machine.status) {
        case (.up, .up), (.up, .starting), (.down, .down), (.shutdown, .down), (.shutdown, .stopping),
            (.suspend, .suspended), (.pause, .paused):
            return nil
        case (.resume, .up): return nil
        default: return .power(action)
        }
    }
}
