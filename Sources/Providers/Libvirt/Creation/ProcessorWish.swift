import ProviderAPI
import XMLKit

/// The processors of a machine to be (formatdomain: CPU Allocation, CPU Tuning, CPU model and topology).
struct ProcessorWish: Sendable {
    struct Feature: Sendable {
        var name: String
        var policy: String
    }

    struct Pin: Sendable {
        var vcpus: NumberSet
        var hostCPUs: NumberSet
    }

    static let policies = ["force", "require", "optional", "disable", "forbid"]
    /// kcli's room for more.
    private static let room = 64

    let count: Int
    /// What it can have without a new start.
    let maximum: Int
    let model: String?
    let features: [Feature]
    let pins: [Pin]
    let nested: Bool?
    let pmu: Bool?
    let hasIOMMU: Bool
    private let topology: [Int]?

    init(_ specification: Specification) throws(ProviderError) {
        count = specification.number("cpus") ?? 2
        let room = specification.flag("cpuhotplug") == true ? max(Self.room, count) : count
        maximum = specification.number("maxcpus") ?? room
        guard count > 0 else { throw ProviderError(.invalidValue, "cpus must be at least 1") }
        guard maximum >= count else { throw ProviderError(.invalidValue, "maxcpus is less than cpus") }
        model = specification.text("cpumodel")
        nested = specification.flag("nested")
        pmu = specification.flag("pmu")
        hasIOMMU = specification.flag("iommu") ?? false
        features = try specification.texts("cpuflags").map { line throws(ProviderError) in try Self.feature(line) }
        let maximum = maximum
        pins = try specification.texts("cpupinning").map { line throws(ProviderError) in
            try Self.pin(line, maximum: maximum)
        }
        topology = try Self.topology(specification, maximum: maximum)
    }

    private static func feature(_ line: String) throws(ProviderError) -> Feature {
        let fields = try FieldLine(line, of: "cpuflags", keys: ["name", "policy", "enable"])
        let words = (fields.bare ?? "").split(separator: " ").map(String.init)
        var name = fields["name"] ?? words.first ?? ""
        var policy = fields["policy"] ?? (words.count == 2 ? words[1] : "require")
        if let enable = fields["enable"] { policy = ["yes", "true", "on"].contains(enable) ? "require" : "disable" }
        if name.hasPrefix("-") { policy = "disable" }
        if name.hasPrefix("-") || name.hasPrefix("+") { name.removeFirst() }
        let isName = !name.isEmpty && name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isName, policies.contains(policy), words.count <= 2 else {
            throw ProviderError(
                .invalidValue,
                "cpuflags: '\(line)': write a feature's name, - before it to take it away, or name=N policy=P"
                    + " with one of \(policies.joined(separator: ", "))")
        }
        return Feature(name: name, policy: policy)
    }

    private static func pin(_ line: String, maximum: Int) throws(ProviderError) -> Pin {
        let fields = try FieldLine(line, of: "cpupinning", keys: ["vcpus", "hostcpus"])
        guard let vcpus = fields["vcpus"], let hostCPUs = fields["hostcpus"] else {
            throw ProviderError(.invalidValue, "cpupinning: '\(line)': write vcpus=0-1 hostcpus=2,3")
        }
        let pin = Pin(
            vcpus: try NumberSet(vcpus, of: "cpupinning"), hostCPUs: try NumberSet(hostCPUs, of: "cpupinning"))
        guard pin.vcpus.numbers.allSatisfy({ $0 < maximum }) else {
            throw ProviderError(.invalidValue, "cpupinning: '\(line)': the machine has \(maximum) processors, from 0")
        }
        return pin
    }

    /// What is not said is 1, but for the sockets, which are as many as it takes.
    private static func topology(_ specification: Specification, maximum: Int) throws(ProviderError) -> [Int]? {
        let names = ["sockets", "cores", "threads"]
        guard names.contains(where: { specification.values[$0] != nil }) else { return nil }
        let cores = specification.number("cores") ?? 1
        let threads = specification.number("threads") ?? 1
        guard cores > 0, threads > 0 else {
            throw ProviderError(.invalidValue, "cores and threads must be at least 1")
        }
        let sockets = specification.number("sockets") ?? max(maximum / (cores * threads), 1)
        guard sockets > 0, sockets * cores * threads == maximum else {
            throw ProviderError(
                .invalidValue, "sockets x cores x threads is \(sockets * cores * threads), not \(maximum) processors")
        }
        return [sockets, cores, threads]
    }

    // MARK: XML

    var vcpu: XMLElement {
        var vcpu = XMLElement("vcpu", text: "\(maximum)")
        if count < maximum { vcpu["current"] = "\(count)" }
        return vcpu
    }

    /// The pinning; nil for none.
    var tuning: XMLElement? {
        guard !pins.isEmpty else { return nil }
        let pinned = pins.flatMap { pin in
            pin.vcpus.numbers.sorted().map { vcpu in
                XMLElement("vcpupin", ["vcpu": "\(vcpu)", "cpuset": pin.hostCPUs.text])
            }
        }
        return XMLElement("cputune", [:], pinned)
    }

    /// Without a wish, hardware virtualisation shows the host's features and emulation keeps QEMU's own model.
    func cpu(type: String, vendor: String?, nodes: XMLElement?) -> XMLElement? {
        var features = features
        if let nested {
            let name = vendor == "Intel" ? "vmx" : "svm"
            if !features.contains(where: { $0.name == name }) {
                features.append(Feature(name: name, policy: nested ? "require" : "disable"))
            }
        }
        let isEmulation = type != "kvm"
        // A feature is one more, or less, of a model's.
        let model = model ?? (isEmulation ? (features.isEmpty ? nil : "qemu64") : "host-model")
        var cpu = XMLElement("cpu")
        switch model {
        case "host-model", "host-passthrough", "maximum": cpu["mode"] = model
        case let model?:
            cpu["mode"] = "custom"
            cpu["match"] = "exact"
            cpu.append(XMLElement("model", ["fallback": "forbid"], text: model))
        case nil: break
        }
        if let topology {
            cpu.append(
                XMLElement(
                    "topology", ["sockets": "\(topology[0])", "cores": "\(topology[1])", "threads": "\(topology[2])"]))
        }
        for feature in features {
            cpu.append(XMLElement("feature", ["policy": feature.policy, "name": feature.name]))
        }
        if let nodes { cpu.append(nodes) }
        return cpu.attributes.isEmpty && cpu.children.isEmpty ? nil : cpu
    }
}
