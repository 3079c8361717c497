import Synchronization

/// The memory that the objects of a mount may take, shared by all that are open.
///
/// What was read ahead is within it always. Changes that wait for their turn are counted, and a file that holds more than
/// a part of an upload sends them on early while there is no room; parts on their way are bounded by who sends them. Beside it
/// are the spare pieces, at most `Limits.sparePieces`.
public final class ObjectMemory: Sendable {
    private let used = Mutex(0)
    private let spare = Mutex<[[UInt8]]>([])
    private let limit: Int

    /// Room for so many bytes.
    public init(limit: Int = 128 << 20) { self.limit = limit }

    /// Takes so many bytes if they are left.
    func take(_ count: Int) -> Bool {
        used.withLock { used in
            guard used + count <= limit else { return false }
            used += count
            return true
        }
    }

    /// Takes what is there already.
    func hold(_ count: Int) { used.withLock { $0 += count } }

    /// Gives bytes back.
    func give(_ count: Int) { used.withLock { $0 -= count } }

    /// An empty array with room for so many bytes, at most `Limits.piece`.
    func piece(of count: Int) -> [UInt8] {
        if count == Limits.piece, let piece = spare.withLock({ $0.popLast() }) { return piece }
        var piece: [UInt8] = []
        piece.reserveCapacity(count)
        return piece
    }

    /// Takes pieces back that are not needed any more.
    func recycle(_ pieces: inout [[UInt8]]) {
        while var piece = pieces.popLast() {
            guard piece.capacity >= Limits.piece else { continue }
            piece.removeAll(keepingCapacity: true)
            spare.withLock { if $0.count < Limits.sparePieces { $0.append(piece) } }
        }
    }

    /// Whether more is held than there is room for.
    var isExceeded: Bool { used.withLock { $0 > limit } }
}
