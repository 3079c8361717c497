import ProviderAPI

/// Ranged reads of one version of an object for one reader, reading ahead of a sequential one.
///
/// A random read fetches exactly its range. A reader that goes on where it was is read ahead of by twice what it has
/// read, at most `Limits.readAhead` bytes, in ranges from `Limits.firstRange` to `Limits.largestRange` in parallel.
actor ReadAhead {
    private struct Segment {
        let fetch: Fetch
        /// Taken from the budget: nobody had asked for it when it was begun.
        let isAhead: Bool
        var range: Range<Int> { fetch.range }
    }

    private let service: any ObjectService
    private let bucket: String
    private let budget: ReadBudget
    private var etag: String?
    private var segments: [Segment] = []
    /// How far the reader has come, and how much of that it read in order.
    private var frontier = 0
    private var run = 0
    /// Whether a read went on where one before it ended.
    private var isRunning = false

    /// Nothing read yet.
    init(service: any ObjectService, bucket: String, budget: ReadBudget) {
        self.service = service
        self.bucket = bucket
        self.budget = budget
    }

    deinit {
        for segment in segments where segment.isAhead { budget.give(segment.range.count) }
    }

    /// Up to `count` bytes from `offset` of that version; fewer only at its end. Throws `replaced` when it is gone.
    func read(_ object: ObjectInfo, offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        guard offset >= 0, count > 0, offset < object.size else { return [] }
        let wanted = offset..<offset + min(count, object.size - offset)
        if etag != object.etag {
            seek(to: 0)
            etag = object.etag
        }
        dropFailed()
        let isSequential = advance(over: wanted)
        let needed = cover(wanted, of: object, atLeast: isSequential ? firstReach(wanted) : 0)
        if isSequential { readOn(from: wanted.upperBound, of: object) }
        let bytes = try await collect(needed, wanted)
        drop { run == 0 || $0.upperBound <= frontier - Limits.readBehind }
        return bytes
    }

    /// Forgets everything that was read.
    func close() { seek(to: 0) }

    /// Whether the reader goes on where it was, or begins at the start.
    private func advance(over wanted: Range<Int>) -> Bool {
        let slack = isRunning || run > 0 ? Limits.readBehind : Limits.outOfOrder
        let isNear = wanted.lowerBound >= frontier - slack && wanted.lowerBound <= frontier + slack
        guard frontier == 0 ? wanted.lowerBound == 0 : isNear else {
            seek(to: wanted.lowerBound)
            if wanted.lowerBound > 0 {
                frontier = wanted.upperBound
                return false
            }
            return advance(over: wanted)
        }
        if frontier > 0 { isRunning = true }
        if wanted.upperBound > frontier {
            run += wanted.upperBound - frontier
            frontier = wanted.upperBound
        }
        return true
    }

    /// How much a read fetches that nothing was fetched for: at the start whole small files, further on no more than was
    /// read in order.
    private func firstReach(_ wanted: Range<Int>) -> Int {
        wanted.lowerBound < Limits.firstRange ? Limits.firstRange : min(2 * run, Limits.firstRange)
    }

    private func seek(to position: Int) {
        drop { _ in true }
        (frontier, run, isRunning) = (position, 0, false)
    }

    /// The fetches that make up a range, begun where there are none.
    private func cover(_ wanted: Range<Int>, of object: ObjectInfo, atLeast least: Int) -> [Fetch] {
        var needed: [Fetch] = []
        var position = wanted.lowerBound
        while position < wanted.upperBound {
            if let held = segments.first(where: { $0.range.contains(position) }) {
                needed.append(held.fetch)
                position = held.range.upperBound
                continue
            }
            let next = segments.map(\.range.lowerBound).filter { $0 > position }.min() ?? object.size
            let end = min(max(wanted.upperBound, position + least), position + Limits.largestRange, next, object.size)
            needed.append(begin(position..<end, of: object, isAhead: false))
            position = end
        }
        return needed
    }

    private func readOn(from wantedEnd: Int, of object: ObjectInfo) {
        // The first read is a look at a header as often as it is the first of many.
        let window = min(2 * run, Limits.readAhead)
        guard isRunning, window >= Limits.firstRange || wantedEnd <= Limits.firstRange else { return }
        let length = min(max(window / 4, Limits.firstRange), Limits.largestRange)
        var position = max(wantedEnd, segments.map(\.range.upperBound).max() ?? 0)
        while position < min(object.size, frontier + window) {
            let range = position..<min(position + length, object.size)
            guard range.upperBound <= frontier + Limits.readAhead, budget.take(range.count) else { return }
            _ = begin(range, of: object, isAhead: true)
            position = range.upperBound
        }
    }

    private func begin(_ range: Range<Int>, of object: ObjectInfo, isAhead: Bool) -> Fetch {
        let (service, bucket) = (service, bucket)
        let fetch = Fetch(range) { await ReadAhead.fetch(range, of: object, in: bucket, from: service) }
        segments.append(Segment(fetch: fetch, isAhead: isAhead))
        return fetch
    }

    private static func fetch(
        _ range: Range<Int>, of object: ObjectInfo, in bucket: String, from service: any ObjectService
    ) async -> Result<[UInt8], ProviderError> {
        do throws(ProviderError) {
            let bytes = try await service.read(
                object.key, in: bucket, offset: range.lowerBound, count: range.count, etag: object.etag)
            guard bytes.count == range.count else {
                throw ProviderError(
                    .malformedReply,
                    "\(object.key): the store sent \(bytes.count) bytes of \(range.count) at \(range.lowerBound)")
            }
            return .success(bytes)
        } catch {
            return .failure(error)
        }
    }

    private func collect(_ fetches: [Fetch], _ wanted: Range<Int>) async throws(ProviderError) -> [UInt8] {
        var bytes: [UInt8] = []
        for fetch in fetches {
            let part = try await fetch.bytes()
            if fetches.count == 1, wanted == fetch.range { return part }
            let piece = wanted.clamped(to: fetch.range)
            let start = piece.lowerBound - fetch.range.lowerBound
            bytes += part[start..<start + piece.count]
        }
        return bytes
    }

    /// What was read ahead and failed is asked for again by whoever needs it.
    private func dropFailed() {
        let failed = Set(segments.filter { $0.fetch.hasFailed }.map(\.range))
        if !failed.isEmpty { drop { failed.contains($0) } }
    }

    /// Lets go of segments; a fetch that no reader waits for is cancelled with its last reference.
    private func drop(where isDropped: (Range<Int>) -> Bool) {
        segments.removeAll { segment in
            guard isDropped(segment.range) else { return false }
            if segment.isAhead { budget.give(segment.range.count) }
            return true
        }
    }
}
