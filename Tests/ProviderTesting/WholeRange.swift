import ProviderAPI
import Synchronization

/// A sink that keeps all.
private final class WholeRange: ByteSink {
    private let bytes: Mutex<[UInt8]> = Mutex([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var content: [UInt8] { bytes.withLock { $0 } }

    func begin() { bytes.withLock { $0.removeAll(keepingCapacity: true) } }

    func take(_ more: UnsafeRawBufferPointer) -> Bool {
        bytes.withLock { bytes in
            guard bytes.count + more.count <= limit else { return false }
            bytes.append(contentsOf: more)
            return true
        }
    }
}

extension ObjectService {
    /// Up to `count` bytes from `offset`, once all of them are there.
    func read(_ key: String, in bucket: String, offset: Int, count: Int, etag: String?)
        async throws(ProviderError) -> [UInt8]
    {
        let sink = WholeRange(limit: count)
        try await read(key, in: bucket, offset: offset, count: count, etag: etag, into: sink)
        return sink.content
    }
}
