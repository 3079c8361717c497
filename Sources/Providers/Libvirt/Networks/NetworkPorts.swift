import LibvirtKit
import XMLKit

/// Who is on which network, by the XML of every machine, now and at its next start.
struct NetworkPorts {
    private struct User {
        var name: String
        var isRunning: Bool
        /// Whether it is on the network as things are, and not only from its next start on.
        var isNow: Bool
    }

    private var users: [String: [User]] = [:]

    init(on connection: Connection) throws {
        let active = Set(try connection.domains(.active).map(\.uuid))
        for domain in try connection.domains() {
            let isActive = active.contains(domain.uuid)
            let now = try Self.networks(of: domain, inactive: !isActive)
            let next = isActive ? try Self.networks(of: domain, inactive: true) : now
            for network in now.union(next) {
                let isNow = now.contains(network)
                users[network, default: []].append(
                    User(name: domain.name, isRunning: isActive && isNow, isNow: isNow))
            }
        }
    }

    private static func networks(of domain: Domain, inactive: Bool) throws -> Set<String> {
        guard let document = try unless(.noDomain, call: { try domain.document(inactive: inactive) }) else { return [] }
        return Set(document.all("devices/interface").compactMap { $0.first("source")?["network"] })
    }

    /// The names of the machines that are on it, or will be.
    func all(_ network: String) -> [String] { (users[network] ?? []).map(\.name).sorted() }

    /// The names of the machines that are on it.
    func now(_ network: String) -> [String] { (users[network] ?? []).filter(\.isNow).map(\.name).sorted() }

    /// The names of the running ones that are on it.
    func running(_ network: String) -> [String] { (users[network] ?? []).filter(\.isRunning).map(\.name).sorted() }
}
