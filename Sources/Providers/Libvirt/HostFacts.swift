import LibvirtKit
import ProviderAPI

/// The host itself, as kcli's `info host` tells it and a little more.
struct HostFacts: HostService {
    let session: Session

    func info() async throws(ProviderError) -> [Value.Entry] {
        try await session.run("host") { connection in
            let node = try connection.nodeInfo()
            let active = try connection.domains(.active).count
            let all = try connection.domains().count
            return [
                .init("connection", .text(try connection.uri())),
                .init("host", .text(try connection.hostname())),
                .init("hypervisor", .text(try connection.driver())),
                .init("hypervisor_version", Value(try optional { try connection.hypervisorVersion() })),
                .init("libvirt_version", .text(try connection.libraryVersion())),
                .init("arch", .text(node.model)),
                .init("cpu_model", Value(try optional { try HostCapabilities(connection) }?.cpuModel)),
                .init("cpus", .number(node.cpus)),
                .init("cpu_mhz", .number(node.megahertz)),
                .init("numa_nodes", .number(node.nodes)),
                .init("sockets", .number(node.sockets)),
                .init("cores", .number(node.cores)),
                .init("threads", .number(node.threads)),
                .init("memory", .number(node.memory / 1024)),
                .init("memory_free", Value(try optional { try connection.freeMemory() }.map { $0 >> 20 })),
                .init("vms", .number(all)),
                .init("vms_running", .number(active)),
                .init("networks", .number(try connection.networks().count)),
                .init("pools", .number(try connection.pools().count)),
            ]
        }
    }

    /// nil where this driver does not know.
    private func optional<Fact>(_ read: () throws -> Fact) throws -> Fact? {
        do {
            return try read()
        } catch let error as LibvirtError where error.code == .noSupport {
            return nil
        } catch is ProviderError {
            return nil
        }
    }
}
