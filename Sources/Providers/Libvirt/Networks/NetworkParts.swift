import LibvirtKit
import XMLKit

/// Parts of a network that change: in its definition, in what runs or in both, each before and after.
struct NetworkParts: Codable, Hashable, Sendable {
    /// One of a network's documents, as XML.
    struct Document: Codable, Hashable, Sendable {
        let isLive: Bool
        let old: String
        let new: String

        var impact: LibvirtKit.Network.Impact { isLive ? .live : .config }
    }

    let uuid: String
    let name: String
    let documents: [Document]

    /// Makes them what they were, unless the whole change has come to be. In a turn that has been taken, or in one of its
    /// own.
    func takeBack(on connection: Connection, isInTurn: Bool) throws {
        try unless(.noNetwork) {
            let network = try connection.network(uuid: uuid)
            if isInTurn { return try takeBack(network) }
            try Turn.with(uuid, on: connection) { try takeBack(network) }
        }
    }

    private func takeBack(_ network: LibvirtKit.Network) throws {
        let now = try documents.map { document in try Self.document(document.impact, of: network) }
        let old = try documents.map { try XMLElement(parsing: $0.old) }
        let new = try documents.map { try XMLElement(parsing: $0.new) }
        let isWhole = zip(now, new).allSatisfy { now, new in now.map { NetworkUpdate.areSame($0, new) } ?? true }
        guard !isWhole else { return }
        for (index, document) in documents.enumerated().reversed() {
            guard let now = now[index], !NetworkUpdate.areSame(now, old[index]) else { continue }
            NetworkUpdate(from: old[index], to: new[index])?.undo(on: network, document.impact)
        }
    }

    /// nil where it has none: a network that does not run, or that has no definition.
    private static func document(_ impact: LibvirtKit.Network.Impact, of network: LibvirtKit.Network) throws
        -> XMLElement?
    {
        guard try impact == .live ? network.isActive() : network.isPersistent() else { return nil }
        return try XMLElement(parsing: try network.xml(inactive: impact == .config))
    }
}
