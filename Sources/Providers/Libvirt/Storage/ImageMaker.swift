import HTTPKit
import LibvirtKit
import ProviderAPI
import XMLKit

/// Makes images and media: empty ones, to be written through `data`, or downloaded ones.
struct ImageMaker {
    let session: Session
    let volumes: VolumeCatalog
    /// The pool for what names none.
    let pool: String?
    let role: VolumeRole

    static let parameters =
        StandardParameters.image.filter { $0.name != "os" } + [
            Parameter("checksum", .text, "what a download must come to: HEX, sha256:HEX or the URL of a list")
        ]

    private var noun: String { role == .iso ? "ISO image" : "image" }

    func make(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VolumeDetail {
        try specification.require(only: Set(Self.parameters.map(\.name)))
        let name = specification.name
        try MachineName.check(name)
        try requireRole(name)
        if let url = specification.text("url") { return try await download(url, specification, job) }
        guard specification.text("checksum") == nil else {
            throw ProviderError(.invalidValue, "\(noun) \(name): checksum is of a download: url is missing")
        }
        let format = specification.text("format") ?? "raw"
        let capacity = try specification.text("size").map { (text) throws(ProviderError) in
            try VolumeDefinition.bytes(text)
        }
        return try await makeVolume(specification, capacity: capacity ?? 0, format: format)
    }

    private func makeVolume(_ specification: Specification, capacity: Int, format: String)
        async throws(ProviderError) -> VolumeDetail
    {
        let name = specification.name
        return try await session.run("\(noun) \(name)") { connection in
            let pool = try Storage.pool(specification.text("pool") ?? self.pool, on: connection)
            try requireFree(name, in: pool)
            let xml = VolumeDefinition.volume(name, capacity: capacity, format: format)
            let volume = try pool.createVolume(xml, on: connection, session.debts)
            return try volumes.read(made: volume, in: pool, on: connection, session.debts)
        }
    }

    /// Downloads it: as a whole, or nothing is left of it.
    private func download(_ url: String, _ specification: Specification, _ job: any JobReporter)
        async throws(ProviderError) -> VolumeDetail
    {
        let subject = "\(noun) \(specification.name)"
        for key in ["size", "format"] where specification.values[key] != nil {
            throw ProviderError(.invalidValue, "\(subject): \(key) comes with the download: remove it from the draft")
        }
        let checksum = try specification.text("checksum").map { (text) throws(ProviderError) in try Checksum(text) }
        let download: ImageDownload
        do throws(HTTPError) {
            download = ImageDownload(session: session, url: try HTTPURL(url), checksum: checksum, subject: subject)
        } catch { throw ProviderError(.invalidValue, "\(subject): url: \(error.message)") }
        let expected = try await download.expected()
        let stream = try await download.open()
        // A device has a length from the start; a file grows as it is written.
        let length = stream.headers["Content-Length"].flatMap { Int($0) } ?? 0
        let volume = try await makeVolume(
            specification, capacity: try await capacity(specification, length), format: "raw")
        // It is listed while it is filled, when whoever asked for it no longer waits.
        session.send(ProviderEvent(.collection(role == .iso ? .isos : .images), detail: "downloading"))
        job.accepted()
        try await session.debts.filling(volume: volume.name, of: volume.pool) { () async throws(ProviderError) in
            do throws(ProviderError) {
                try await download.write(stream, into: volume.key, expected, job)
            } catch {
                // Also where the caller has left: the removal is a task of its own.
                await Task { await remove(volume) }.value
                throw error
            }
        }
        return try await session.run(subject) { connection in
            let volume = try connection.volume(key: volume.key)
            let pool = try volume.pool()
            // Its format is known only to a pool that looked at it.
            try pool.refresh()
            volumes.removeAll()
            return try volumes.read(try pool.volume(named: specification.name), pool: pool.name)
        }
    }

    private func capacity(_ specification: Specification, _ length: Int) async throws(ProviderError) -> Int {
        let pool = specification.text("pool") ?? self.pool
        return try await session.run(noun) { connection in
            let document = try XMLElement(parsing: try Storage.pool(pool, on: connection).xml())
            return VolumeMaker.holdsFiles(document) ? 0 : length
        }
    }

    /// The failure that led here is the one to tell.
    private func remove(_ volume: VolumeDetail) async {
        for _ in 0..<40 {
            do throws(ProviderError) {
                try await session.run(volume.name) { try $0.volume(key: volume.key).delete() }
                break
            } catch {
                // The transfer that was given up may hold it for a moment.
                if error.code == .unreachable { session.debts.owe(volume: volume.name, of: volume.pool) }
                guard error.code == .busy else { break }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        volumes.removeAll()
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
