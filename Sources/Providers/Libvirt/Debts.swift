import Glibc
import LibvirtKit
import ProviderAPI
import Synchronization
import XMLKit

/// What was begun on a host and could be neither finished nor taken back, most often because the connection was lost: it
/// is taken back once the host answers again, as long as this process lives. A volume is also written down while the
/// operation lasts that makes it, for the process that comes after one that was killed: what a machine has by then stays.
///
/// A call whose answer was lost may take effect later than the next connection, so each is taken back more than once; what
/// is made under the same name meanwhile is another, and stays: what has a UUID goes by that, a volume by its time. What
/// could not be taken back for minutes is told and left to people, who may have put it to use.
final class Debts: Sendable {
    /// Takes something back; does nothing where it is not there. With the time since when it is owed.
    typealias Step = @Sendable (Connection, _ since: Int?) throws -> Void

    private struct Debt {
        let subject: String
        let step: Step
        /// Seconds since 1970, by this host's clock.
        let since: Int
        let began = ContinuousClock.now
        var rounds = 0
        var isDone = false
        /// That of a volume.
        var undertaking: Undertaking?

        init(subject: String, step: @escaping Step, _ undertaking: Undertaking? = nil, since: Int? = nil) {
            self.subject = subject
            self.step = step
            self.undertaking = undertaking
            self.since = since ?? time(nil)
        }
    }

    private struct State {
        var debts: [Debt] = []
        /// What the operations make that are under way, by their connections.
        var underWay: [ObjectIdentifier: [Undertaking]] = [:]
    }

    /// Rounds after one that went well, for what takes effect late, and rounds after which it stays.
    private static let (afterwards, most) = (2, 12)
    private static let lifetime = Duration.seconds(600)
    /// Seconds by which the clocks of two hosts may differ.
    private static let skew = 60

    private let uri: String
    private let directory: String?
    private let state: Mutex<State>

    /// Of one host. `unfinished` is where volumes that are being made are written down; what another process left there
    /// is owed by this one.
    init(uri: String, unfinished: String?) {
        self.uri = uri
        directory = unfinished
        let left = unfinished.map { Undertaking.left(in: $0, uri: uri) } ?? []
        let debts = left.map { undertaking in
            let record = undertaking.record
            return Debt(
                subject: Self.subject(record), step: Self.remove(volume: record.volume, of: record.pool), undertaking,
                since: undertaking.lastSeen)
        }
        state = Mutex(State(debts: debts))
    }

    /// What is owed: `volume web1_0.img of pool default`, ...
    var subjects: [String] { state.withLock { state in state.debts.filter { !$0.isDone }.map(\.subject) } }

    var isEmpty: Bool { state.withLock(\.debts.isEmpty) }

    /// Makes a volume, which is taken back later where this process ends before the operation does.
    func making<Answer>(volume name: String, of pool: String, on connection: Connection, _ body: () throws -> Answer)
        throws -> Answer
    {
        undertake(volume: name, of: pool, by: ObjectIdentifier(connection))
        let undo = Self.remove(volume: name, of: pool)
        return try making(Self.subject(volume: name, of: pool), on: connection, undo: undo, body)
    }

    private func undertake(volume name: String, of pool: String, by operation: ObjectIdentifier) {
        let record = Undertaking.Record(uri: uri, pool: pool, volume: name)
        guard let undertaking = directory.flatMap({ Undertaking.begin(record, in: $0) }) else { return }
        state.withLock { $0.underWay[operation, default: []].append(undertaking) }
    }

    /// Fills a volume that was made, by as many calls as it takes.
    func filling<Answer>(volume name: String, of pool: String, _ body: () async throws(ProviderError) -> Answer)
        async throws(ProviderError) -> Answer
    {
        let operation = Cancellation()
        undertake(volume: name, of: pool, by: ObjectIdentifier(operation))
        defer { settle(ObjectIdentifier(operation)) }
        return try await body()
    }

    /// What is under way still is.
    func touch() {
        for undertaking in state.withLock({ $0.underWay.values.flatMap(\.self) }) { undertaking.touch() }
    }

    /// The operation on a connection has ended: what it made is whole, was taken back or is owed.
    func settle(_ connection: Connection) { settle(ObjectIdentifier(connection)) }

    private func settle(_ operation: ObjectIdentifier) {
        // Files are removed outside the lock.
        _ = state.withLock { $0.underWay.removeValue(forKey: operation) }
    }

    /// Makes something. Where its answer is lost with the connection, it is taken back later; where one of that name was
    /// to be taken back, this is another.
    func making<Answer>(_ subject: String, on connection: Connection, undo: @escaping Step, _ body: () throws -> Answer)
        throws -> Answer
    {
        state.withLock { state in state.debts.removeAll { $0.subject == subject } }
        do {
            return try body()
        } catch {
            if !connection.isAlive { add(subject, undo) }
            throw error
        }
    }

    /// Takes something back, now or as soon as it can be. The failure that led here is the one to tell.
    func takeBack(_ subject: String, on connection: Connection, _ step: @escaping Step) {
        guard connection.isAlive, (try? step(connection, nil)) != nil else { return add(subject, step) }
    }

    private func add(_ subject: String, _ step: @escaping Step) {
        state.withLock { state in
            state.debts.removeAll { $0.subject == subject }
            // Where it is a volume, this process may end before it is taken back.
            let undertaking = state.underWay.values.joined().first { Self.subject($0.record) == subject }
            state.debts.append(Debt(subject: subject, step: step, undertaking))
        }
    }

    /// Takes back what is owed, the last first; blocks. What stays for good is returned, with the reason.
    func pay(on connection: Connection) -> [(subject: String, reason: String)] {
        var lost: [(String, String)] = []
        for debt in state.withLock({ $0.debts.reversed() }) where connection.isAlive {
            var reason: String?
            let isTooOld = ContinuousClock.now - debt.began > Self.lifetime
            if isTooOld {
                reason = "the connection was lost for too long"
            } else {
                do { try debt.step(connection, debt.since) } catch { reason = "\(error)" }
            }
            guard connection.isAlive else { break }
            let isOver = state.withLock { Self.count(debt, reason, isTooOld, &$0.debts) }
            if isOver, let reason { lost.append((debt.subject, reason)) }
        }
        return lost
    }

    /// One more round of a debt; whether it is over.
    private static func count(_ debt: Debt, _ reason: String?, _ isTooOld: Bool, _ debts: inout [Debt]) -> Bool {
        guard let index = debts.firstIndex(where: { $0.subject == debt.subject }) else { return false }
        debts[index].rounds = reason == nil && !debt.isDone ? 1 : debts[index].rounds + 1
        debts[index].isDone = reason == nil
        let isOver = isTooOld || debts[index].rounds > (reason == nil ? afterwards : most)
        if isOver { debts.remove(at: index) }
        return isOver
    }
}

extension Debts {
    func takeBack(volume name: String, of pool: String, on connection: Connection) {
        takeBack(Self.subject(volume: name, of: pool), on: connection, Self.remove(volume: name, of: pool))
    }

    func owe(volume name: String, of pool: String) {
        add(Self.subject(volume: name, of: pool), Self.remove(volume: name, of: pool))
    }

    static func subject(volume name: String, of pool: String) -> String { "volume \(name) of pool \(pool)" }

    static func subject(_ record: Undertaking.Record) -> String { subject(volume: record.volume, of: record.pool) }

    /// A volume that something needs stays: the call that was to give it to that did take effect. One that was written
    /// after the connection was lost is another's, and one that does not tell its time may be.
    static func remove(volume name: String, of pool: String) -> Step {
        { connection, since in
            try unless(.noStoragePool, .noStorageVolume) {
                let volume = try connection.pool(named: pool).volume(named: name)
                if let since {
                    let text = try XMLElement(parsing: try volume.xml()).text("target/timestamps/mtime")
                    guard let text, let changed = Double(text), changed <= Double(since + skew) else {
                        throw ProviderError(.busy, "it may have been made by somebody else since")
                    }
                }
                let catalog = VolumeCatalog()
                let use = try VolumeUse(on: connection, catalog)
                if use.isFree(try catalog.read(volume, pool: pool), except: nil) { try volume.delete() }
            }
        }
    }

    /// A machine that was made: its volumes stay.
    static func remove(machine uuid: String) -> Step {
        { connection, _ in
            try unless(.noDomain) {
                let domain = try connection.domain(uuid: uuid)
                if try domain.isActive() { try domain.destroy() }
                if try domain.isPersistent() { try domain.undefine() }
            }
        }
    }

    static func remove(network uuid: String) -> Step {
        { connection, _ in
            try unless(.noNetwork) {
                let network = try connection.network(uuid: uuid)
                if try network.isActive() { try network.stop() }
                try network.undefine()
            }
        }
    }

    static func remove(pool uuid: String) -> Step {
        { connection, _ in
            try unless(.noStoragePool) {
                let pool = try connection.pool(uuid: uuid)
                if try pool.isActive() { try pool.stop() }
                try pool.undefine()
            }
        }
    }
}

extension StoragePool {
    /// Makes a volume, of which nothing stays where the connection is lost meanwhile.
    ///
    /// In a volume group it has its whole size: what has less is an LVM snapshot to libvirt, which is lost with all that
    /// was written once that is more than was set aside for it. A partition has no format to libvirt, unless it is one of a
    /// table's own types.
    func createVolume(
        _ definition: XMLElement, copying source: StorageVolume? = nil, on connection: Connection, _ debts: Debts
    ) throws -> StorageVolume {
        var definition = definition
        let (name, pool) = (definition.text("name") ?? "", self.name)
        let document = try XMLElement(parsing: try xml())
        let type = document["type"]
        if type == "logical", var whole = definition.first("capacity") {
            whole.name = "allocation"
            definition.update(where: { $0.name == "allocation" }) { $0 = whole }
        }
        if let next = VolumeNames.nextPartition(of: document, besides: Set(try volumes().map(\.name))) {
            // Asked for another name, libvirt makes the partition all the same and then refuses.
            guard name == next else {
                throw ProviderError(
                    .invalidValue, "disk \(name): libvirt names the partitions of pool \(pool), the next one \(next)")
            }
            definition.update(where: { $0.name == "target" }) { target in
                target.removeAll { $0.name == "format" && $0["type"] == "raw" }
            }
        }
        return try debts.making(volume: name, of: pool, on: connection) {
            // What is on a device itself takes all of its size at once.
            let whole = ["logical", "disk"].contains(type) ? definition.text("capacity").flatMap { Int($0) } ?? 0 : 0
            guard let source else {
                return try Room.for(whole, in: self) { try createVolume(xml: definition.description) }
            }
            let bytes = try max(whole, Room.taken(copying: source, on: connection))
            return try Room.for(bytes, in: self) {
                try createVolume(xml: definition.description, copying: source)
            }
        }
    }
}
