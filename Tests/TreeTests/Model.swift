import ProviderAPI

/// What a tree of machines should do, in as few words as possible. Every change tells how it ends.
struct Model {
    struct Machine {
        var status = "down"
        var memory = 1024
        var cpus = 2
        var metadata: [String: String] = [:]
        /// Seconds for which `memory` stays hidden.
        var hiddenFor = 0

        var isHidden: Bool { hiddenFor > 0 }
    }

    /// By entry name.
    var machines: [String: Machine] = [:]

    mutating func make(_ name: String) -> ProviderError.Code? {
        guard machines[name] == nil else { return .alreadyExists }
        machines[name] = Machine()
        return nil
    }

    mutating func remove(_ name: String) -> ProviderError.Code? {
        guard let machine = machines[name] else { return .notFound }
        guard machine.status == "down" else { return .busy }
        machines[name] = nil
        return nil
    }

    /// `rm -r` of one that is there.
    mutating func removeTree(_ name: String) -> ProviderError.Code? { remove(name) }

    mutating func write(_ name: String, _ file: String, _ text: String) -> ProviderError.Code? {
        guard machines[name] != nil else { return .notFound }
        // Making a hidden name again shows it, whatever is then written.
        if file == "memory" { machines[name]?.hiddenFor = 0 }
        guard let number = file == "memory" ? Self.mebibytes[text] : Self.counts[text] else {
            return .invalidValue
        }
        guard number > 0 else { return .outOfRange }
        if file == "memory" {
            machines[name]?.memory = number
        } else {
            machines[name]?.cpus = number
        }
        return nil
    }

    private static let mebibytes = ["1024": 1024, "2G": 2048, "4096M": 4096, "0": 0, "1T": 1 << 20, "3": 3]
    private static let counts = ["1024": 1024, "0": 0, "3": 3]

    mutating func power(_ name: String, _ word: String) -> ProviderError.Code? {
        guard machines[name] != nil else { return .notFound }
        let states = ["up": "up", "down": "down", "suspend": "suspended", "resume": "up"]
        guard let state = states[word] else { return .invalidValue }
        machines[name]?.status = state
        return nil
    }

    mutating func setKey(_ name: String, _ key: String, _ value: String) -> ProviderError.Code? {
        guard machines[name] != nil else { return .notFound }
        machines[name]?.metadata[key] = value
        return nil
    }

    mutating func appendKey(_ name: String, _ key: String, _ value: String) -> ProviderError.Code? {
        guard let machine = machines[name] else { return .notFound }
        machines[name]?.metadata[key] = machine.metadata[key].map { "\($0)\n\(value)" } ?? value
        return nil
    }

    mutating func removeKey(_ name: String, _ key: String) -> ProviderError.Code? {
        guard machines[name]?.metadata[key] != nil else { return .notFound }
        machines[name]?.metadata[key] = nil
        return nil
    }

    mutating func rename(_ name: String, to newName: String) -> ProviderError.Code? {
        guard let machine = machines[name] else { return .notFound }
        guard newName == name || machines[newName] == nil else { return .alreadyExists }
        machines[name] = nil
        machines[newName] = machine
        return nil
    }

    mutating func hide(_ name: String, _ file: String) -> ProviderError.Code? {
        guard let machine = machines[name], !machine.isHidden else { return .notFound }
        guard machine.status == "down" else { return .busy }
        machines[name]?.hiddenFor = 10
        return nil
    }

    mutating func pass(_ seconds: Int) {
        for name in machines.keys { machines[name]?.hiddenFor -= seconds }
    }

    mutating func showAll() { pass(11) }
}
