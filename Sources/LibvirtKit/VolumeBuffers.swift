import Synchronization

/// Memory of parts that are not needed any more, for those to come: fresh memory costs as much as what is copied into it.
public final class VolumeBuffers: Sendable {
    private let spare = Mutex<[[UInt8]]>([])
    private let limit: Int

    /// Keeps that many at most; none for a transfer of one part.
    public init(limit: Int = 0) {
        self.limit = limit
    }

    /// The memory of a part, of that many bytes.
    func take(_ count: Int) -> [UInt8] {
        spare.withLock { spare in
            guard let index = spare.lastIndex(where: { $0.count == count }) else { return nil }
            return spare.remove(at: index)
        } ?? [UInt8](repeating: 0, count: count)
    }

    /// Gives a part back. Somebody may still read it: who writes into it next gets a copy then.
    public func give(_ part: VolumePart) {
        spare.withLock { spare in
            guard spare.count < limit, !part.bytes.isEmpty else { return }
            spare.append(part.bytes)
        }
    }

    /// Lets all go.
    public func removeAll() {
        spare.withLock { $0 = [] }
    }
}
