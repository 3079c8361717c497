import ProviderAPI

/// A change that comes from outside, as somebody at the platform's own console would make it.
enum OutsideChange: Sendable {
    case machine(VirtualMachine.Change, String)
    case crashMachine(String)
    case createMachine(String)
    case deleteMachine(String)
    case createDisk(String, size: Int)
    case deleteDisk(String)
    case createNetwork(String, cidr: String)
    case deleteNetwork(String)
    case putObject(String, bucket: String, text: String)
    case deleteObject(String, bucket: String)

    /// Parses a line such as `vm.start web1` or `memory web1 2048`.
    init(_ line: String) throws(ProviderError) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        let verb = words[0]
        let arguments = Array(words.dropFirst())
        guard let parsed = Self.power(verb, arguments) ?? Self.setting(verb, arguments) ?? Self.other(verb, arguments)
        else {
            throw ProviderError(
                .invalidValue, "outside: '\(line)' is no change such as vm.start NAME, vm.create NAME, memory NAME 2048"
            )
        }
        self = parsed
    }

    private static func power(_ verb: String, _ arguments: [String]) -> OutsideChange? {
        let actions: [String: VirtualMachine.PowerAction] = [
            "vm.start": .up, "vm.stop": .down, "vm.shutdown": .shutdown, "vm.restart": .restart, "vm.reset": .reset,
            "vm.suspend": .suspend, "vm.pause": .pause, "vm.resume": .resume,
        ]
        guard let action = actions[verb], !arguments.isEmpty else { return nil }
        return .machine(.power(action), arguments.joined(separator: " "))
    }

    private static func setting(_ verb: String, _ arguments: [String]) -> OutsideChange? {
        guard let name = arguments.first else { return nil }
        let rest = arguments.dropFirst().joined(separator: " ")
        switch verb {
        case "memory", "vm.memory": return Int(rest).map { .machine(.memory($0), name) }
        case "cpus", "vm.cpus": return Int(rest).map { .machine(.cpus($0), name) }
        case "vm.rename": return rest.isEmpty ? nil : .machine(.rename(rest), name)
        case "description", "vm.description": return .machine(.description(rest), name)
        case "metadata", "vm.metadata":
            guard arguments.count >= 2 else { return nil }
            let value = arguments.count > 2 ? arguments[2...].joined(separator: " ") : nil
            return .machine(.metadata(key: arguments[1], value: value), name)
        default: return nil
        }
    }

    private static func other(_ verb: String, _ arguments: [String]) -> OutsideChange? {
        guard let first = arguments.first else { return nil }
        let whole = arguments.joined(separator: " ")
        switch verb {
        case "vm.create": return .createMachine(whole)
        case "vm.delete": return .deleteMachine(whole)
        case "vm.crash": return .crashMachine(whole)
        case "disk.create" where arguments.count == 2: return Int(arguments[1]).map { .createDisk(first, size: $0) }
        case "disk.delete": return .deleteDisk(whole)
        case "network.create" where arguments.count == 2: return .createNetwork(first, cidr: arguments[1])
        case "network.delete": return .deleteNetwork(whole)
        case "object.put" where arguments.count >= 2:
            return .putObject(arguments[1], bucket: first, text: arguments[2...].joined(separator: " "))
        case "object.delete" where arguments.count == 2: return .deleteObject(arguments[1], bucket: first)
        default: return nil
        }
    }

    /// Makes it happen. A machine is stopped and loses its snapshots before it is deleted.
    func apply(to state: inout CloudState) throws(ProviderError) {
        switch self {
        case .machine(let change, let name): try state.apply(change, to: try Self.id(name, state.machines))
        case .crashMachine(let name): state.crash(try Self.id(name, state.machines))
        case .createMachine(let name): _ = try state.createMachine(Specification(name: name))
        case .deleteMachine(let name): try Self.deleteMachine(name, &state)
        case .createDisk(let name, let size):
            _ = try state.createDisk(Specification(name: name, values: ["size": .number(size)]))
        case .deleteDisk(let name): try state.deleteDisk(try Self.id(name, state.volumes))
        case .createNetwork(let name, let cidr):
            _ = try state.createNetwork(Specification(name: name, values: ["cidr": .text(cidr)]))
        case .deleteNetwork(let name): try state.deleteNetwork(try Self.id(name, state.networks))
        case .putObject(let key, let bucket, let text):
            let bytes = Array((text + "\n").utf8)
            try state.put(
                .bytes(bytes), size: bytes.count, etag: Fingerprint.of(bytes), type: "text/plain", key: key, in: bucket)
        case .deleteObject(let key, let bucket): try state.deleteObject(key, in: bucket)
        }
    }

    private static func deleteMachine(_ name: String, _ state: inout CloudState) throws(ProviderError) {
        let id = try id(name, state.machines)
        try state.power(.down, id)
        for snapshot in try state.machines.get(id).facts.snapshots { try state.deleteSnapshot(snapshot.name, of: id) }
        try state.deleteMachine(id)
    }

    private static func id<Item>(_ name: String, _ shelf: Shelf<Item>) throws(ProviderError) -> Shelf<Item>.ID {
        try CloudState.named(name, on: shelf).facts.id
    }
}
