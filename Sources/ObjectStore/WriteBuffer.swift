/// Changed ranges of a file that are not in the store yet: in order, never touching one another.
struct WriteBuffer: Sendable {
    private struct Run: Sendable {
        var offset: Int
        var bytes: [UInt8]
        var end: Int { offset + bytes.count }
    }

    /// Bytes of a write that more like it are likely to follow.
    private static let largePiece = 64 << 10

    private var runs: [Run] = []
    /// Bytes held.
    private(set) var count = 0

    /// Nothing changed.
    init() {}

    var isEmpty: Bool { runs.isEmpty }

    /// Whether there is more than a file may keep.
    var isFull: Bool { count > Limits.changes || runs.count > Limits.changedRanges }

    /// Where the last changed range ends.
    var end: Int { runs.last?.end ?? 0 }

    /// Bytes in a row from an offset.
    func length(at offset: Int) -> Int {
        guard let first = runs.first, first.offset == offset else { return 0 }
        return first.bytes.count
    }

    /// Where the first changed range begins.
    var start: Int? { runs.first?.offset }

    /// Puts bytes at an offset, over what is there.
    mutating func write(_ bytes: [UInt8], at offset: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        // The ranges that the new one touches or overlaps.
        let first = partition { $0.end < offset }
        let last = partition { $0.offset <= end }
        guard first < last else {
            runs.insert(Run(offset: offset, bytes: bytes), at: first)
            count += bytes.count
            return
        }
        let before = runs[first..<last].reduce(0) { $0 + $1.bytes.count }
        if last - first == 1, runs[first].offset <= offset {
            overwrite(first, with: bytes, at: offset)
        } else {
            merge(first..<last, with: bytes, at: offset)
        }
        count += runs[first].bytes.count - before
    }

    /// In place: a sequential writer appends to one array.
    private mutating func overwrite(_ index: Int, with bytes: [UInt8], at offset: Int) {
        let start = offset - runs[index].offset
        let end = start + bytes.count
        if start == runs[index].bytes.count {
            // What comes in large pieces becomes a part, and is not to be copied each time that it grows.
            if bytes.count >= Self.largePiece, runs[index].bytes.capacity < end {
                runs[index].bytes.reserveCapacity(max(2 * start, Limits.part))
            }
            runs[index].bytes += bytes
        } else {
            runs[index].bytes.replaceSubrange(start..<min(end, runs[index].bytes.count), with: bytes)
        }
    }

    private mutating func merge(_ touched: Range<Int>, with bytes: [UInt8], at offset: Int) {
        let head = runs[touched.lowerBound]
        let tail = runs[touched.upperBound - 1]
        let end = offset + bytes.count
        var merged = Run(offset: min(head.offset, offset), bytes: [])
        if head.offset < offset { merged.bytes += head.bytes[..<(offset - head.offset)] }
        merged.bytes += bytes
        if tail.end > end { merged.bytes += tail.bytes[(end - tail.offset)...] }
        runs.replaceSubrange(touched, with: [merged])
    }

    /// Forgets what lies behind an end.
    mutating func truncate(to end: Int) {
        while let last = runs.last, last.end > end {
            runs.removeLast()
            count -= last.bytes.count
            guard last.offset < end else { continue }
            let kept = Array(last.bytes[..<(end - last.offset)])
            runs.append(Run(offset: last.offset, bytes: kept))
            count += kept.count
        }
    }

    /// Takes the first changed range out.
    mutating func takeFirst() -> [UInt8] {
        let first = runs.removeFirst()
        count -= first.bytes.count
        return first.bytes
    }

    /// Lays the changes over bytes that begin at an offset.
    func overlay(_ bytes: inout [UInt8], at offset: Int) {
        let end = offset + bytes.count
        for run in runs[partition { $0.end <= offset }...] {
            guard run.offset < end else { return }
            let piece = max(run.offset, offset)..<min(run.end, end)
            bytes.replaceSubrange(
                piece.lowerBound - offset..<piece.upperBound - offset,
                with: run.bytes[piece.lowerBound - run.offset..<piece.upperBound - run.offset])
        }
    }

    /// Whether a range is changed whole.
    func covers(_ range: Range<Int>) -> Bool {
        let index = partition { $0.end <= range.lowerBound }
        guard index < runs.count else { return false }
        return runs[index].offset <= range.lowerBound && runs[index].end >= range.upperBound
    }

    /// How many ranges from the first fulfil a condition that the later ones do not.
    private func partition(_ isBefore: (Run) -> Bool) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(runs[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
