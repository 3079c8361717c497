import LibvirtKit

/// What a reader of a volume has and has asked for: what it does next follows from that alone.
struct VolumeWindows {
    /// Bytes of data in a window of a reader that goes on: of the first, doubled with each, and at most.
    static let first = 512 << 10
    static let most = 8 << 20
    /// Bytes fetched for one that jumps.
    static let step = 128 << 10
    /// Bytes of data that are kept together, and handed on as soon as they have come.
    static let piece = 1 << 20
    /// Bytes of data that are kept at most. A reader that goes on has less than two windows before it.
    static let budget = 2 * most + 2 * piece
    /// Reads that went on, after which nobody is expected to go back.
    private static let habit = 4
    /// Windows under way for a reader that goes on.
    private static let transfers = 2

    /// The last first.
    private(set) var parts: [VolumePart] = []
    private(set) var fetches: [VolumeFetch] = []
    private var kept = 0
    /// Memory of parts that were let go of, for those to come.
    let buffers = VolumeBuffers(limit: 4)
    /// Where the last read began, and where a reader that goes on would go on.
    private var current = 0
    private var next = 0
    /// How many reads went on.
    private var streak = 0
    private var window = Self.first

    /// The part that an offset is in.
    func part(at offset: Int) -> VolumePart? { parts.first { $0.offset <= offset && offset < $0.end } }

    /// The transfer that brings an offset.
    func fetch(at offset: Int) -> VolumeFetch? { fetches.first { $0.range.contains(offset) && $0.end <= offset } }

    /// Notes a read, and answers how many bytes are to be fetched where it finds nothing.
    mutating func note(_ range: Range<Int>) -> Int {
        defer { (current, next) = (range.lowerBound, range.upperBound) }
        guard range.lowerBound == next else {
            (streak, window) = (0, Self.first)
            // What was fetched ahead of where the reader was is of no use to it.
            if part(at: range.lowerBound) == nil, fetch(at: range.lowerBound) == nil {
                fetches.removeAll { !$0.isAwaited }
            }
            return max(range.count, Self.step)
        }
        streak += 1
        if streak > Self.habit { drop { $0.end + Self.piece <= range.lowerBound } }
        return max(range.count, window)
    }

    /// A new transfer; it ends after `limit` bytes of data.
    mutating func begin(_ range: Range<Int>, limit: Int) -> VolumeFetch {
        let fetch = VolumeFetch(range, limit: limit)
        fetches.append(fetch)
        return fetch
    }

    /// What a reader that goes on is to have fetched for it now.
    mutating func ahead(size: Int) -> VolumeFetch? {
        guard streak > 1, fetches.count < Self.transfers else { return nil }
        var end = next
        while end < size, end - next < window {
            if let part = part(at: end) {
                end = part.end
            } else if let fetch = fetch(at: end) {
                end = fetch.range.upperBound
            } else {
                // Behind a hole the next may be as long as what is left: it takes one transfer.
                let isDense = part(at: next - 1)?.extents.allSatisfy { $0.place != nil } ?? true
                defer { window = min(2 * window, Self.most) }
                return begin(end..<(isDense ? min(size, end + window) : size), limit: window)
            }
        }
        return nil
    }

    /// Whether somebody may still want what a transfer brings.
    func wants(_ fetch: VolumeFetch) -> Bool { fetches.contains { $0 === fetch } }

    /// Keeps a part that has come.
    mutating func keep(_ part: VolumePart, of fetch: VolumeFetch) {
        guard wants(fetch) else { return }
        parts.insert(part, at: 0)
        kept += part.bytes.count
        // What the reader has behind it goes first; what has just come is waited for.
        while parts.count > 1, kept > Self.budget || parts.count > Self.most / Self.step {
            let passed = parts.dropFirst().lastIndex { $0.end <= current } ?? parts.count - 1
            letGo(of: passed)
        }
    }

    private mutating func letGo(of index: Int) {
        let part = parts.remove(at: index)
        kept -= part.bytes.count
        buffers.give(part)
    }

    private mutating func drop(_ isOld: (VolumePart) -> Bool) {
        for index in parts.indices.reversed() where isOld(parts[index]) { letGo(of: index) }
    }

    /// A transfer is over.
    mutating func end(_ fetch: VolumeFetch) {
        fetches.removeAll { $0 === fetch }
    }

    /// Forgets all content and all that is under way.
    mutating func forget() {
        (parts, fetches, kept) = ([], [], 0)
        (streak, window) = (0, Self.first)
        buffers.removeAll()
    }
}
