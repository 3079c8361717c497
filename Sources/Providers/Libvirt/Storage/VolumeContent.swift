import LibvirtKit
import ProviderAPI
import Synchronization

/// The content of a volume, open: the bytes of its file or device, as virStorageVolDownload and virStorageVolUpload move
/// them. Of a qcow2 volume that is the qcow2 file.
final class VolumeContent: BulkContent {
    private let volumes: VolumeCatalog
    private let reader: VolumeReader
    /// nil where it was opened for reading.
    private let writer: VolumeWriter?
    private let subject: String
    private let length: Mutex<Int>
    private let isWritten = Mutex(false)

    init(_ volume: VolumeDetail, session: Session, volumes: VolumeCatalog, isWritable: Bool) {
        subject = "volume \(volume.name)"
        self.volumes = volumes
        length = Mutex(volume.length)
        reader = VolumeReader(session: session, key: volume.key, subject: subject)
        writer = isWritable ? VolumeWriter(session: session, volume: volume, subject: subject) : nil
    }

    /// Opens one. Writing is refused while a running machine has it, or another volume is built on it.
    static func open(_ key: String, writable: Bool, session: Session, volumes: VolumeCatalog)
        async throws(ProviderError) -> any BulkContent
    {
        try await session.run("volume \(key)") { connection in
            guard let detail = try volumes.volume(key: key, on: connection) else {
                throw ProviderError(.notFound, "volume \(key): it is not there")
            }
            if writable { try VolumeUse(on: connection, volumes).requireWritable(detail) }
            return VolumeContent(detail, session: session, volumes: volumes, isWritable: writable)
        }
    }

    var size: Int { length.withLock { $0 } }

    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        let size = size
        guard offset >= 0, offset < size, count > 0 else { return [] }
        try await store()
        return try await reader.read(offset..<min(size, offset + min(count, size - offset)), size: size)
    }

    func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? {
        let size = size
        guard offset >= 0, offset < size, count > 0, !isWritten.withLock({ $0 }) else { return nil }
        return reader.readNow(offset..<min(size, offset + min(count, size - offset)), size: size)
    }

    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int? {
        let size = size
        guard offset >= 0, offset < size else { return nil }
        try await store()
        return try await reader.seek(offset, hole: hole, size: size)
    }

    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        try await change(to: { max($0, offset + bytes.count) }) { writer throws(ProviderError) in
            try await writer.write(bytes, offset: offset)
        }
    }

    func writeNow(_ bytes: [UInt8], offset: Int) -> Bool {
        guard let writer else { return false }
        isWritten.withLock { $0 = true }
        reader.forget()
        guard writer.writeNow(bytes, offset: offset) else { return false }
        length.withLock { $0 = max($0, offset + bytes.count) }
        return true
    }

    func truncate(to size: Int) async throws(ProviderError) {
        try await change(to: { _ in size }) { writer throws(ProviderError) in try await writer.truncate(to: size) }
    }

    private func change(
        to length: (Int) -> Int, _ body: (VolumeWriter) async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        guard let writer else { throw ProviderError(.notPermitted, "\(subject): it was opened for reading") }
        isWritten.withLock { $0 = true }
        reader.forget()
        try await body(writer)
        self.length.withLock { $0 = length($0) }
    }

    func flush() async throws(ProviderError) { try await store() }

    /// What was written is in the volume, and read from there.
    private func store() async throws(ProviderError) {
        guard let writer, isWritten.withLock({ $0 }) else { return }
        try await writer.flush()
        isWritten.withLock { $0 = false }
        reader.forget()
        // libvirt looks at the pool anew after a transfer; what was known of its volumes is old.
        volumes.removeAll()
    }

    func close() async throws(ProviderError) {
        reader.forget()
        guard let writer else { return }
        defer { volumes.removeAll() }
        try await writer.close()
    }
}
