import LibvirtKit
import ProviderAPI
import XMLKit

/// Makes images and media: empty ones, to be written through `data`.
struct ImageMaker {
    let session: Session
    let volumes: VolumeCatalog
    /// The pool for what names none.
    let pool: String?
    let role: VolumeRole

    static let parameters = StandardParameters.image.filter { !["os", "url"].contains($0.name) }

    private var noun: String { role == .iso ? "ISO image" : "image" }

    func make(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VolumeDetail {
        try specification.require(only: Set(Self.parameters.map(\.name)))
        let name = specification.name
        try MachineName.check(name)
        try requireRole(name)
        let format = specification.text("format") ?? "raw"
        let capacity = try specification.text("size").map { (text) throws(ProviderError) in
            try VolumeDefinition.bytes(text)
        }
        return try await session.run("\(noun) \(name)") { connection in
            let pool = try Storage.pool(specification.text("pool") ?? self.pool, on: connection)
            try requireFree(name, in: pool)
            let xml = VolumeDefinition.volume(name, capacity: capacity ?? 0, format: format)
            return try volumes.read(try pool.createVolume(xml: xml.description), pool: pool.name)
        }
    }

    /// What would be listed elsewhere under that name would be lost to who made it.
    private func requireRole(_ name: String) throws(ProviderError) {
        guard VolumeRole(name, format: nil, isBacking: false) != role else { return }
        let advice = role == .iso ? "it must end in .iso" : "it is that of a medium or of a machine's disk"
        throw ProviderError(.invalidValue, "\(name) cannot be the name of an \(noun): \(advice)")
    }

    private func requireFree(_ name: String, in pool: StoragePool) throws {
        guard try unless(.noStorageVolume, call: { try pool.volume(named: name) }) != nil else { return }
        throw ProviderError(.alreadyExists, "\(noun) \(name): pool \(pool.name) has a volume of that name")
    }
}
