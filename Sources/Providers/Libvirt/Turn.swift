import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

/// A turn at changing one machine or network, among all mounts that have its host, wherever they run.
///
/// libvirt cannot change a document on condition that nobody else did since it was read, and two that read the same and
/// write one after the other lose what the first wrote. So they take turns: the turn is a secret without a value that
/// libvirt keeps in memory only; it refuses a second one for the same usage, and forgets it when it ends.
struct Turn: ~Copyable {
    /// How long one turn is waited for. Its owner needs a few calls; one that takes longer than this has died.
    private static let lease = Duration.seconds(5)
    /// How long all those are waited for that come before.
    private static let patience = Duration.seconds(30)

    private let secret: LibvirtKit.Secret

    /// Makes calls while nobody else has the turn. Where it was taken away meanwhile, from one that seemed dead, they
    /// are made again, upon what the other has written: they must stand that. A host without secrets has no turns.
    static func with<Answer>(_ uuid: String, on connection: Connection, _ body: () throws -> Answer) throws -> Answer {
        while let turn = try take(uuid, on: connection) {
            let answer: Answer
            do {
                answer = try body()
            } catch {
                _ = turn.end()
                throw error
            }
            if turn.end() { return answer }
        }
        return try body()
    }

    /// nil where the host keeps no secrets for this user.
    private static func take(_ uuid: String, on connection: Connection) throws -> Turn? {
        let usage = "infrafs changes \(uuid)"
        let xml = XMLElement(
            "secret", ["ephemeral": "yes", "private": "yes"],
            [XMLElement("usage", ["type": "ceph"], [XMLElement("name", text: usage)])])
        let end = ContinuousClock.now + patience
        var seen: (uuid: String, since: ContinuousClock.Instant)?
        repeat {
            do throws(LibvirtError) {
                return Turn(secret: try connection.define(secret: xml.description))
            } catch  where [.noSupport, .accessDenied, .operationDenied].contains(error.code) {
                return nil
            } catch  where [.internalError, .operationFailed].contains(error.code) {
                // Somebody has it, or had it a moment ago.
                let other = try unless(.noSecret) { try connection.secret(forCeph: usage) }
                if let other, other.uuid != seen?.uuid { seen = (other.uuid, .now) }
                if let other, let seen, ContinuousClock.now - seen.since > lease {
                    _ = try unless(.noSecret) { try other.undefine() }
                }
            }
            usleep(UInt32.random(in: 500...5000))
        } while ContinuousClock.now < end
        throw ProviderError(.busy, "others change it without a pause: try again")
    }

    /// Whether it was still there.
    private consuming func end() -> Bool {
        do throws(LibvirtError) {
            try secret.undefine()
            return true
        } catch {
            return error.code != .noSecret
        }
    }
}
