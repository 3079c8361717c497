import ProviderAPI
import XMLKit

/// The memory of a machine to be, and its NUMA nodes (formatdomain: Memory Allocation, Memory Backing, NUMA Node Tuning).
struct MemoryWish: Sendable {
    struct Node: Sendable {
        var id: Int
        var vcpus: NumberSet
        /// MiB.
        var memory: Int
        var distances: [(node: Int, value: Int)]
    }

    static let modes = ["strict", "preferred", "interleave", "restrictive"]
    private static let slots = 16

    /// MiB.
    let size: Int
    /// MiB that it can have without a new start; nil for no room.
    let maximum: Int?
    /// The size of the host's huge pages in KiB; 0 for the host's own, nil for ordinary pages.
    let hugePage: Int?
    let nodes: [Node]
    let mode: String?
    let hostNodes: NumberSet?
    /// Whether another process of the host reads it, as virtiofsd does.
    let isShared: Bool

    init(_ specification: Specification, processors: ProcessorWish, isShared: Bool) throws(ProviderError) {
        let size = specification.number("memory") ?? 512
        self.size = size
        guard size > 0 else { throw ProviderError(.invalidValue, "memory must be at least 1 MiB") }
        let room = specification.flag("memoryhotplug") == true ? max(size * 16, 64 << 10) : nil
        maximum = specification.number("maxmemory") ?? room
        guard maximum.map({ $0 >= size }) ?? true else {
            throw ProviderError(.invalidValue, "maxmemory is less than memory")
        }
        hugePage = try Self.hugePage(specification)
        mode = specification.text("numamode")
        hostNodes = try specification.text("numanodes").map { text throws(ProviderError) in
            try NumberSet(text, of: "numanodes")
        }
        guard mode != nil || hostNodes == nil else {
            throw ProviderError(.invalidValue, "numanodes needs numamode")
        }
        var nodes = try specification.texts("numa").enumerated().map { index, line throws(ProviderError) in
            try Self.node(line, index: index)
        }
        if nodes.isEmpty, maximum != nil {
            // Memory can only be plugged into a node.
            let all = processors.maximum == 1 ? "0" : "0-\(processors.maximum - 1)"
            nodes = [Node(id: 0, vcpus: try NumberSet(all, of: "cpus"), memory: size, distances: [])]
        }
        let sum = nodes.reduce(0) { $0 + $1.memory }
        guard nodes.isEmpty || sum == size else {
            throw ProviderError(.invalidValue, "numa: its nodes have \(sum) MiB, the machine has \(size)")
        }
        guard nodes.flatMap(\.vcpus.numbers).allSatisfy({ $0 < processors.maximum }) else {
            throw ProviderError(.invalidValue, "numa: the machine has \(processors.maximum) processors, from 0")
        }
        self.nodes = nodes
        self.isShared = isShared
    }

    private static func hugePage(_ specification: Specification) throws(ProviderError) -> Int? {
        if specification.flag("hugepages_1gb") == true { return 1 << 20 }
        if specification.flag("hugepages_2mb") == true { return 2 << 10 }
        switch specification.text("hugepages")?.lowercased() {
        case nil, "no", "false": return nil
        case "yes", "true": return 0
        case "2m", "2mb", "2mib": return 2 << 10
        case "1g", "1gb", "1gib": return 1 << 20
        case let text?:
            throw ProviderError(.invalidValue, "hugepages: '\(text)' is not one of yes, no, 2M, 1G")
        }
    }

    private static func node(_ line: String, index: Int) throws(ProviderError) -> Node {
        let fields = try FieldLine(line, of: "numa", keys: ["id", "vcpus", "memory", "siblings"])
        guard let vcpus = fields["vcpus"], let memory = fields["memory"].flatMap({ Int($0) }), memory > 0,
            let id = fields["id"].map({ Int($0) }) ?? index
        else {
            throw ProviderError(.invalidValue, "numa: '\(line)': write id=0 vcpus=0-1 memory=1024, memory in MiB")
        }
        let distances = try (fields["siblings"] ?? "").split(separator: ",").map {
            part throws(ProviderError) -> (node: Int, value: Int) in
            let numbers = part.split(separator: ":").map { Int($0) }
            guard numbers.count == 2, let node = numbers[0], let value = numbers[1] else {
                throw ProviderError(.invalidValue, "numa: '\(line)': siblings are distances, as 0:10,1:20")
            }
            return (node, value)
        }
        return Node(id: id, vcpus: try NumberSet(vcpus, of: "numa"), memory: memory, distances: distances)
    }

    // MARK: XML

    /// The elements of the domain itself.
    func elements(hostNodes all: String?) -> [XMLElement] {
        var elements: [XMLElement] = []
        if let maximum {
            elements.append(
                XMLElement("maxMemory", ["slots": "\(Self.slots)", "unit": "MiB"], text: "\(maximum)"))
        }
        elements.append(XMLElement("memory", ["unit": "MiB"], text: "\(size)"))
        if let backing { elements.append(backing) }
        if let mode {
            let set = hostNodes?.text ?? all ?? "0"
            elements.append(XMLElement("numatune", [:], [XMLElement("memory", ["mode": mode, "nodeset": set])]))
        }
        return elements
    }

    private var backing: XMLElement? {
        var backing = XMLElement("memoryBacking")
        if let hugePage {
            var pages = XMLElement("hugepages")
            if hugePage > 0 { pages.append(XMLElement("page", ["size": "\(hugePage)", "unit": "KiB"])) }
            backing.append(pages)
        }
        if isShared {
            if hugePage == nil { backing.append(XMLElement("source", ["type": "memfd"])) }
            backing.append(XMLElement("access", ["mode": "shared"]))
        }
        return backing.children.isEmpty ? nil : backing
    }

    /// The nodes that the guest sees, a part of its processor; nil for none.
    var guestNodes: XMLElement? {
        guard !nodes.isEmpty else { return nil }
        let cells = nodes.map { node in
            var cell = XMLElement(
                "cell", ["id": "\(node.id)", "cpus": node.vcpus.text, "memory": "\(node.memory)", "unit": "MiB"])
            if !node.distances.isEmpty {
                let siblings = node.distances.map {
                    XMLElement("sibling", ["id": "\($0.node)", "value": "\($0.value)"])
                }
                cell.append(XMLElement("distances", [:], siblings))
            }
            return cell
        }
        return XMLElement("numa", [:], cells)
    }
}
