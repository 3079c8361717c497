import LibvirtKit
import ProviderAPI
import XMLKit

/// Tells a pool that is full from other failures. Where one of QEMU's programs runs out of room, libvirt has the words of
/// that program and a code that says nothing; so the pool is asked.
enum Room {
    /// Bytes of a pool that has no room for anything: less than what an empty volume takes.
    private static let least = 1 << 20

    /// Writes that many bytes into a pool. What failed without a code of its own, in a pool that has less than that left,
    /// failed for want of room.
    static func `for`<Answer>(_ bytes: Int = 0, in pool: StoragePool, _ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch let error as LibvirtError where [.internalError, .operationFailed].contains(error.code) {
            guard let left = left(in: pool), left < max(bytes, least) else { throw error }
            throw ProviderError(
                .noSpace, "pool \(pool.name) is full: it has \(left >> 20) MiB left", cause: error.message)
        }
    }

    /// nil where the pool does not tell.
    private static func left(in pool: StoragePool) -> Int? {
        guard (try? pool.refresh()) != nil, let text = try? pool.xml() else { return nil }
        return (try? XMLElement(parsing: text))?.text("available").flatMap { Int($0) }
    }

    /// Bytes that a copy of a volume takes at most, with all that it is built on.
    static func taken(copying volume: StorageVolume, on connection: Connection) throws -> Int {
        var bytes = 0
        var seen: Set<String> = []
        var next: StorageVolume? = volume
        while let volume = next, seen.insert(volume.key).inserted {
            let document = try XMLElement(parsing: try volume.xml())
            bytes += document.text("allocation").flatMap { Int($0) } ?? 0
            next = try document.text("backingStore/path").flatMap { path in
                try unless(.noStorageVolume) { try connection.volume(path: path) }
            }
        }
        return bytes
    }
}
