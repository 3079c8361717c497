import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

/// A turn at changing one machine or network, among all mounts that have its host, wherever they run.
///
/// libvirt cannot change a document on condition that nobody else did since it was read, and two that read the same and
/// write one after the other lose what the first wrote; so does one that has libvirt change a part meanwhile. So they take
/// turns: the turn is a secret without a value that
/// libvirt keeps in memory only; it refuses a second one for the same usage, and forgets it when it ends.
enum Turn {
    /// How long one turn is waited for. Its owner needs a few calls; one that takes longer than this has died.
    private static let lease = Duration.seconds(5)
    /// How long all those are waited for that come before.
    private static let patience = Duration.seconds(30)

    /// Makes calls while nobody else has the turn. Where it was taken away meanwhile, from one that seemed dead, they
    /// are made again, upon what the other has written: they must stand that. A host without secrets has no turns.
    static func with<Answer>(_ uuid: String, on connection: Connection, _ body: () throws -> Answer) throws -> Answer {
        while let turn = try take(uuid, on: connection) {
            let outcome = Result { try body() }
            let wasKept = end(turn)
            guard case .success = outcome, !wasKept else { return try outcome.get() }
        }
        return try body()
    }

    /// Makes one change of a definition while nobody else writes a whole one, which would undo it; never a second time.
    static func once<Answer>(_ domain: Domain, on connection: Connection, _ body: () throws -> Answer) throws -> Answer
    {
        let turn = try take(domain.uuid, on: connection)
        defer { _ = turn.map(end) }
        return try body()
    }

    /// What a turn is refused for, by somebody who has it and by a host that keeps no secrets for this user.
    private static let taken: Set<LibvirtError.Code> = [.internalError, .operationFailed]
    private static let unknown: Set<LibvirtError.Code> = [.noSupport, .accessDenied, .operationDenied]

    /// nil where the host keeps no secrets for this user.
    private static func take(_ uuid: String, on connection: Connection) throws -> LibvirtKit.Secret? {
        let usage = "infrafs changes \(uuid)"
        let end = ContinuousClock.now + patience
        var owner: String?
        var since = ContinuousClock.now
        while ContinuousClock.now < end {
            switch attempt(usage, on: connection) {
            case .success(let secret): return secret
            case .failure(let error) where unknown.contains(error.code): return nil
            case .failure(let error) where !taken.contains(error.code): throw error
            case .failure: break
            }
            // Somebody has it, or had it a moment ago.
            if let other = try unless(.noSecret, call: { try connection.secret(forCeph: usage) }) {
                if other.uuid != owner { (owner, since) = (other.uuid, .now) }
                if ContinuousClock.now - since > lease { _ = self.end(other) }
            }
            usleep(UInt32.random(in: 500...5000))
        }
        throw ProviderError(.busy, "others change it without a pause: try again")
    }

    private static func attempt(_ usage: String, on connection: Connection) -> Result<LibvirtKit.Secret, LibvirtError> {
        let xml = XMLElement(
            "secret", ["ephemeral": "yes", "private": "yes"],
            [XMLElement("usage", ["type": "ceph"], [XMLElement("name", text: usage)])])
        do throws(LibvirtError) {
            return .success(try connection.define(secret: xml.description))
        } catch {
            return .failure(error)
        }
    }

    /// Whether it was still there.
    private static func end(_ turn: LibvirtKit.Secret) -> Bool {
        do throws(LibvirtError) {
            try turn.undefine()
            return true
        } catch {
            return error.code != .noSecret
        }
    }
}
