import Glibc
import LibvirtKit
import ProviderAPI
import Synchronization
import XMLKit

/// What was begun on a host and could be neither finished nor taken back, most often because the connection was lost: it
/// is put right once the host answers again, as long as this process lives. What takes more than one call is also written
/// down while the operation lasts, for the process that comes after one that was killed: a machine that is there by then,
/// and all that it has, stays.
///
/// A call whose answer was lost may take effect later than the next connection, so each is put right more than once; what
/// is made under the same name meanwhile is another, and stays: what has a UUID goes by that, a volume by its time. What
/// could not be put right for minutes is told and left to people, who may have put it to use.
final class Debts: Sendable {
    private struct Debt {
        let owed: Owed
        let occasion: Owed.Occasion
        let began = ContinuousClock.now
        var rounds = 0
        var isDone = false
        /// That of what is written down.
        var undertaking: Undertaking?
    }

    private struct State {
        var debts: [Debt] = []
        /// What is written down of the operations that are under way, by their connections.
        var underWay: [ObjectIdentifier: [Undertaking]] = [:]
    }

    /// Rounds after one that went well, for what takes effect late, and rounds after which it stays.
    private static let (afterwards, most) = (2, 12)
    private static let lifetime = Duration.seconds(600)

    private let uri: String
    private let directory: String?
    private let state: Mutex<State>

    /// Of one host. `unfinished` is where it is written down what operations would leave; what another process left there
    /// is owed by this one.
    init(uri: String, unfinished: String?) {
        self.uri = uri
        directory = unfinished
        let left = unfinished.map { Undertaking.left(in: $0, uri: uri) } ?? []
        let debts = left.map { undertaking in
            Debt(
                owed: undertaking.record.owed, occasion: .afterwards(since: undertaking.lastSeen),
                undertaking: undertaking)
        }
        state = Mutex(State(debts: debts))
    }

    /// What is owed: `volume web1_0.img of pool default`, ...
    var subjects: [String] { state.withLock { state in state.debts.filter { !$0.isDone }.map(\.owed.subject) } }

    var isEmpty: Bool { state.withLock(\.debts.isEmpty) }

    /// Makes something. Where its answer is lost with the connection, or this process ends before the operation does, it
    /// is taken back later; where one of that name was to be taken back, this is another.
    func making<Answer>(_ owed: Owed, on connection: Connection, _ body: () throws -> Answer) throws -> Answer {
        note(owed, on: connection)
        forgive(owed.subject)
        do {
            return try body()
        } catch {
            if !connection.isAlive { add(owed) }
            throw error
        }
    }

    /// Makes calls that are nothing or whole: where one fails, or this process ends before the operation does, what the
    /// others did is put right, the last first.
    func undertaking<Answer>(_ owed: [Owed], on connection: Connection, _ body: () throws -> Answer) throws -> Answer {
        for one in owed { note(one, on: connection) }
        do {
            return try body()
        } catch {
            for one in owed.reversed() { takeBack(one, on: connection) }
            throw error
        }
    }

    /// Writes down what an operation on a connection leaves where this process ends before it does.
    func note(_ owed: Owed, on connection: Connection) { note(owed, by: ObjectIdentifier(connection)) }

    private func note(_ owed: Owed, by operation: ObjectIdentifier) {
        guard owed.isWrittenDown, let directory else { return }
        let record = Undertaking.Record(uri: uri, owed: owed)
        guard let undertaking = Undertaking.begin(record, in: directory) else { return }
        state.withLock { $0.underWay[operation, default: []].append(undertaking) }
    }

    /// Fills a volume that was made, by as many calls as it takes.
    func filling<Answer>(volume name: String, of pool: String, _ body: () async throws(ProviderError) -> Answer)
        async throws(ProviderError) -> Answer
    {
        let operation = Cancellation()
        note(.volume(name, pool: pool), by: ObjectIdentifier(operation))
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

    /// Takes something back, now or as soon as it can be. The failure that led here is the one to tell.
    func takeBack(_ owed: Owed, on connection: Connection) {
        guard connection.isAlive, (try? owed.settle(on: connection, .now, self)) != nil else { return add(owed) }
    }

    func takeBack(volume name: String, of pool: String, on connection: Connection) {
        takeBack(.volume(name, pool: pool), on: connection)
    }

    func owe(volume name: String, of pool: String) { add(.volume(name, pool: pool)) }

    /// A volume is somebody's again: it is owed no more.
    func forgive(volume name: String, of pool: String) { forgive(Owed.volume(name, pool: pool).subject) }

    private func forgive(_ subject: String) {
        _ = state.withLock { state in
            defer { state.debts.removeAll { $0.owed.subject == subject } }
            // Their files are removed outside the lock.
            return state.debts.compactMap(\.undertaking)
        }
    }

    private func add(_ owed: Owed) {
        state.withLock { state in
            state.debts.removeAll { $0.owed == owed }
            // This process may end before it is put right.
            let undertaking = state.underWay.values.joined().first { $0.record.owed == owed }
            state.debts.append(Debt(owed: owed, occasion: .later(since: time(nil)), undertaking: undertaking))
        }
    }

    /// Puts right what is owed, the last first; blocks. What stays for good is returned, with the reason.
    func pay(on connection: Connection) -> [(subject: String, reason: String)] {
        var lost: [(String, String)] = []
        defer { settle(connection) }
        for debt in state.withLock({ $0.debts.reversed() }) where connection.isAlive {
            var reason: String?
            let isTooOld = ContinuousClock.now - debt.began > Self.lifetime
            if isTooOld {
                reason = "the connection was lost for too long"
            } else {
                do { try debt.owed.settle(on: connection, debt.occasion, self) } catch { reason = "\(error)" }
            }
            guard connection.isAlive else { break }
            let isOver = state.withLock { Self.count(debt, reason, isTooOld, &$0.debts) }
            if isOver, let reason { lost.append((debt.owed.subject, reason)) }
        }
        return lost
    }

    /// One more round of a debt; whether it is over.
    private static func count(_ debt: Debt, _ reason: String?, _ isTooOld: Bool, _ debts: inout [Debt]) -> Bool {
        guard let index = debts.firstIndex(where: { $0.owed == debt.owed }) else { return false }
        debts[index].rounds = reason == nil && !debt.isDone ? 1 : debts[index].rounds + 1
        debts[index].isDone = reason == nil
        let isDecided = reason == nil && debt.occasion.isAfterwards && debt.owed.isDecidedAtOnce
        let isOver = isDecided || isTooOld || debts[index].rounds > (reason == nil ? afterwards : most)
        if isOver { debts.remove(at: index) }
        return isOver
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
        return try debts.making(.volume(name, pool: pool), on: connection) {
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
