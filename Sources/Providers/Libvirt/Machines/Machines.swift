import LibvirtKit
import ProviderAPI
import XMLKit

/// The machines of a host: libvirt's domains.
struct Machines: CollectionService {
    let session: Session
    let cache: MachineCache
    let volumes: VolumeCatalog
    /// The pool for disks that name none; nil where the configuration does not say.
    let pool: String?
    /// `kvm` or `qemu`; nil lets the host's capabilities decide.
    let virtualization: String?
    let operations: Set<Operation>

    var elementParameters: [String: [Parameter]] { ["snapshots": Self.snapshotParameters] }
    /// libvirt has no event for a change of the definition's sizes and devices, for autostart, snapshots and leases.
    var eventCoverage: EventCoverage {
        .all(except: ["ip", "ips", "memory", "cpus", "autostart", "iso", "disks", "nics", "snapshots", "pending"])
    }

    func list() async throws(ProviderError) -> [VirtualMachine] {
        try await session.run("virtual machines") { try list(on: $0) }
    }
}

/// What is asked once for many machines, or not at all for a few.
struct MachineContext: Sendable {
    /// UUIDs of those that start with their host; nil: ask each.
    var autostart: Set<String>?
    /// UUIDs of those with snapshots; nil: ask each.
    var withSnapshots: Set<String>?
    /// Addresses by hardware address.
    var leases: [String: [String]]
    /// Addresses that networks keep, by hardware address; not asked for by a listing.
    var reservations: [String: [String]] = [:]

    init(of connection: Connection, bulk: Bool, reservations: Bool = true) throws {
        if bulk {
            autostart = Set(try connection.domains(.autostart).map(\.uuid))
            withSnapshots = Set(try connection.domains(.withSnapshots).map(\.uuid))
        }
        leases = try Self.leases(of: connection)
        if reservations { self.reservations = try Self.reservations(of: connection) }
    }

    private static func reservations(of connection: Connection) throws -> [String: [String]] {
        var addresses: [String: [String]] = [:]
        for network in try connection.networks() {
            guard let text = try unless(.noNetwork, call: { try network.xml() }) else { continue }
            for one in NetworkFacts.reservations(of: try XMLElement(parsing: text)) {
                addresses[one.mac, default: []].append(one.address)
            }
        }
        return addresses
    }

    /// What the DHCP servers of all networks gave out. A network that cannot tell is passed over.
    private static func leases(of connection: Connection) throws -> [String: [String]] {
        var addresses: [String: [String]] = [:]
        for network in try connection.networks(.active) {
            for lease in try leases(of: network, on: connection) {
                addresses[lease.mac.lowercased(), default: []].append(lease.address)
            }
        }
        return addresses.mapValues(Address.sorted)
    }

    private static func leases(of network: LibvirtKit.Network, on connection: Connection) throws -> [Lease] {
        do {
            return try network.leases().sorted { $0.expiry > $1.expiry }
        } catch {
            guard connection.isAlive else { throw error }
            return []
        }
    }
}

/// Addresses worth showing.
enum Address {
    /// IPv4 before IPv6, without duplicates, loopback and link-local ones.
    static func sorted(_ addresses: [String]) -> [String] {
        var seen: Set<String> = []
        let kept = addresses.filter { isUseful($0) && seen.insert($0).inserted }
        return kept.filter { !$0.contains(":") } + kept.filter { $0.contains(":") }
    }

    private static func isUseful(_ address: String) -> Bool {
        let refused = ["fe80:", "169.254.", "127."]
        return !address.isEmpty && address != "::1" && !refused.contains { address.lowercased().hasPrefix($0) }
    }
}
