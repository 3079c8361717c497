import LibvirtKit
import ProviderAPI
import XMLKit

/// The host itself, as kcli's `info host` tells it and a little more.
struct HostFacts: HostService {
    let session: Session

    func info() async throws(ProviderError) -> [Value.Entry] {
        try await session.run("host") { connection in
            try identity(connection) + processors(connection) + memory(connection) + machines(connection)
                + storage(connection) + networks(connection)
        }
    }

    private func identity(_ connection: Connection) throws -> [Value.Entry] {
        let system = try optional(connection) { try XMLElement(parsing: try $0.systemInformation()) }
        let entry = { (path: String, name: String) in
            system?.all("\(path)/entry").first { $0["name"] == name }?.text
        }
        return [
            .init("connection", .text(try connection.uri())),
            .init("host", .text(try connection.hostname())),
            .init("secure", try optional(connection) { try $0.isSecure() }.map(Value.flag) ?? .none),
            .init("hypervisor", .text(try connection.driver())),
            .init("hypervisor_version", Value(try optional(connection) { try $0.hypervisorVersion() })),
            .init("libvirt_version", .text(try connection.libraryVersion())),
            .init("vendor", Value(entry("system", "manufacturer"))),
            .init("product", Value(entry("system", "product"))),
            .init("bios_version", Value(entry("bios", "version"))),
        ]
    }

    private func processors(_ connection: Connection) throws -> [Value.Entry] {
        let node = try connection.nodeInfo()
        let capabilities = try optional(connection) { try HostCapabilities($0) }
        let times = try optional(connection) { try $0.processorTimes() }
        // The times of all processors together since the host was started.
        let uptime = times.map { $0.total / 1_000_000_000 / max(node.cpus, 1) }
        let busy = times.map { ($0.total - $0.idle) * 100 / max($0.total, 1) }
        return [
            .init("arch", .text(node.model)),
            .init("cpu_model", Value(capabilities?.cpuModel)),
            .init("cpus", .number(node.cpus)),
            .init("cpu_mhz", .number(node.megahertz)),
            .init("numa_nodes", .number(node.nodes)),
            .init("sockets", .number(node.sockets)),
            .init("cores", .number(node.cores)),
            .init("threads", .number(node.threads)),
            .init("virttypes", Value(capabilities?.types ?? [])),
            .init("max_vcpus", Value(try optional(connection) { try $0.maximumProcessors() })),
            .init("uptime", Value(uptime)),
            .init("cpu_busy", Value(busy)),
        ]
    }

    private func memory(_ connection: Connection) throws -> [Value.Entry] {
        let total = try connection.nodeInfo().memory / 1024
        let free = try optional(connection) { try $0.freeMemory() }.map { $0 >> 20 }
        let statistics = try optional(connection) { try $0.memoryStatistics() } ?? [:]
        return [
            .init("memory", .number(total)),
            .init("memory_free", Value(free)),
            .init("memory_cached", Value(statistics["cached"].map { $0 / 1024 })),
        ]
    }

    /// What the running machines have been given, as far as libvirt knows without asking their processes.
    private func machines(_ connection: Connection) throws -> [Value.Entry] {
        var cpus = 0
        var memory = 0
        let active = try connection.domains(.active)
        for domain in active {
            guard let info = try unless(.noDomain, call: { try domain.sizes() }) else { continue }
            cpus += info.cpus
            memory += info.memory / 1024
        }
        return [
            .init("vms", .number(try connection.domains().count)),
            .init("vms_running", .number(active.count)),
            .init("cpus_used", .number(cpus)),
            .init("memory_used", .number(memory)),
        ]
    }

    private func storage(_ connection: Connection) throws -> [Value.Entry] {
        var lines: [String] = []
        let all = try connection.pools()
        for pool in all {
            guard let text = try unless(.noStoragePool, call: { try pool.xml() }) else { continue }
            let document = try XMLElement(parsing: text)
            let number = { (path: String) in document.text(path).flatMap { Int($0) }.map { "\($0 >> 30) GiB" } ?? "-" }
            let path = document.text("target/path") ?? document.first("source/device")?["path"] ?? "-"
            lines.append(
                "\(pool.name) \(document["type"] ?? "-") \(path) \(number("allocation")) used, "
                    + "\(number("available")) free")
        }
        return [.init("pools", .number(all.count)), .init("storage", Value(lines.sorted()))]
    }

    private func networks(_ connection: Connection) throws -> [Value.Entry] {
        var lines: [String] = []
        let all = try connection.networks()
        for network in all {
            guard let text = try unless(.noNetwork, call: { try network.xml() }) else { continue }
            var item = ProviderAPI.Network(id: .init(""), name: network.name)
            NetworkFacts.fill(&item, from: try XMLElement(parsing: text))
            let words = [item.name, item.type, item.mode, item.cidr ?? item.bridge ?? item.device ?? "-"]
            lines.append(words.compactMap { $0 }.joined(separator: " ") + (item.dhcp == true ? " dhcp" : ""))
        }
        let interfaces = try optional(connection) { try $0.interfaceNames() } ?? []
        return [
            .init("networks", .number(all.count)), .init("network_list", Value(lines.sorted())),
            .init("interfaces", Value(interfaces.sorted())),
        ]
    }

    /// nil where this driver does not know, or the host has not what it takes to tell.
    private func optional<Fact>(_ connection: Connection, _ read: (Connection) throws -> Fact) throws -> Fact? {
        do {
            return try read(connection)
        } catch let error as LibvirtError {
            guard connection.isAlive else { throw error }
            return nil
        } catch is ProviderError {
            return nil
        }
    }
}
