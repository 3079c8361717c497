import LibvirtKit
import ProviderAPI
import XMLKit

/// One change of one network: in what runs and in the definition, each by its own document, so that neither loses what
/// only it has.
struct NetworkChange {
    private let network: LibvirtKit.Network
    private let connection: Connection
    private let debts: Debts

    init(_ network: LibvirtKit.Network, on connection: Connection, _ debts: Debts) {
        self.network = network
        self.connection = connection
        self.debts = debts
    }

    /// Carries out a change of its document. What libvirt cannot change while the network runs, it takes over when the
    /// network starts: then it is restarted, and where that would cut running machines off nothing is changed.
    /// `alongside` says that a change of the definition alone will do until the next start.
    func perform(alongside: Bool, _ change: (inout XMLElement) throws(ProviderError) -> Void) throws {
        try Turn.with(network.uuid, on: connection) { try performInTurn(alongside: alongside, change) }
    }

    private func performInTurn(alongside: Bool, _ change: (inout XMLElement) throws(ProviderError) -> Void) throws {
        var updates: [NetworkUpdate] = []
        var documents: [NetworkParts.Document] = []
        for impact in try impacts() {
            let old = try XMLElement(parsing: try network.xml(inactive: impact == .config))
            var new = old
            try named { () throws(ProviderError) in try change(&new) }
            guard new != old else { continue }
            guard let update = NetworkUpdate(from: old, to: new) else {
                return try redefine(alongside: alongside, change)
            }
            updates.append(update)
            documents.append(
                NetworkParts.Document(isLive: impact == .live, old: old.description, new: new.description))
        }
        guard !updates.isEmpty else { return }
        let parts = NetworkParts(uuid: network.uuid, name: network.name, documents: documents)
        try debts.undertaking([.change(parts)], on: connection) {
            for (update, document) in zip(updates, documents) { try update.perform(on: network, document.impact) }
        }
    }

    private func named<Answer>(_ body: () throws(ProviderError) -> Answer) throws(ProviderError) -> Answer {
        do throws(ProviderError) {
            return try body()
        } catch {
            throw ProviderError(error.code, "network \(network.name): \(error.message)", cause: error.cause)
        }
    }

    /// The definition first: what fails there has changed nothing that runs.
    private func impacts() throws -> [LibvirtKit.Network.Impact] {
        var impacts: [LibvirtKit.Network.Impact] = []
        if try network.isPersistent() { impacts.append(.config) }
        if try network.isActive() { impacts.append(.live) }
        return impacts
    }

    private func redefine(alongside: Bool, _ change: (inout XMLElement) throws(ProviderError) -> Void) throws {
        guard try network.isPersistent() else {
            throw ProviderError(
                .unsupported, "network \(network.name): it has no definition, and this cannot change while it runs")
        }
        let isActive = try network.isActive()
        let user = isActive ? try NetworkPorts(on: connection).running(network.name).first : nil
        if let user, !alongside {
            throw ProviderError(
                .busy, "network \(network.name): virtual machine \(user) is running on it: stop it first")
        }
        let old = try XMLElement(parsing: try network.xml(inactive: true))
        var new = old
        try named { () throws(ProviderError) in try change(&new) }
        guard new != old else { return }
        guard isActive, user == nil else {
            _ = try connection.define(network: new.description)
            return
        }
        let owed = Owed.restart(
            uuid: network.uuid, name: network.name, old: old.description, new: new.description)
        try debts.undertaking([owed], on: connection) {
            try network.stop()
            try connection.define(network: new.description).start()
        }
    }
}
