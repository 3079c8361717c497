import Synchronization

/// Takes the bytes of a range as they come, in order, from any thread. It never blocks.
public protocol ByteSink: Sendable {
    /// The bytes come from the start of the range: for the first time, or once more after an attempt that broke off. Those
    /// of the attempts are the same.
    func begin()
    /// The next bytes, which are gone when this returns. Whether they were taken: what is refused is more than was asked
    /// for.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool
}

extension ByteSink {
    /// Gives it a whole range that is there already.
    public func take(whole bytes: [UInt8]) {
        begin()
        _ = bytes.withUnsafeBytes { take($0) }
    }
}

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
    /// Up to `count` bytes from `offset`, once all of them are there. For a few: those of bulk data go to a sink.
    public func read(_ key: String, in bucket: String, offset: Int, count: Int, etag: String?)
        async throws(ProviderError) -> [UInt8]
    {
        let sink = WholeRange(limit: count)
        try await read(key, in: bucket, offset: offset, count: count, etag: etag, into: sink)
        return sink.content
    }
}
