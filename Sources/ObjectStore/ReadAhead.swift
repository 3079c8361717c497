import ProviderAPI
import Synchronization

/// Ranged reads of one version of an object for one reader, reading ahead of a sequential one.
///
/// A random read fetches exactly its range. A reader that goes on where it was is read ahead of by twice what it has
/// read, at most `Limits.readAhead` bytes, in ranges from `Limits.firstRange` to `Limits.largestRange` in parallel, as
/// large as the line carries within `Limits.longestRead`. Ranges end where the parts of most uploads do, which is how
/// stores keep them.
final class ReadAhead: Sendable {
    private let source: ObjectSource
    private let state: Mutex<State>

    /// Nothing read yet. `ahead` has the small objects that a reader of their directory may come to.
    init(service: any ObjectService, bucket: String, memory: ObjectMemory, ahead: FilesAhead? = nil) {
        source = ObjectSource(service: service, bucket: bucket, memory: memory, ahead: ahead)
        state = Mutex(State(memory: memory))
    }

    deinit { close() }

    /// Up to `count` bytes from `offset` of that version; fewer only at its end. Throws `replaced` when it is gone.
    func read(_ object: ObjectInfo, offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        guard let wanted = Self.range(offset, count, of: object) else { return [] }
        let needed = state.withLock { $0.begin(wanted, object, source) }
        let bytes = try await Self.collect(needed, wanted)
        state.withLock { $0.finish(needed) }
        return bytes
    }

    /// The same where all of it is there already; nil where it has to be waited for, and then nothing was done.
    func readNow(_ object: ObjectInfo, offset: Int, count: Int) -> ArraySlice<UInt8>? {
        guard let wanted = Self.range(offset, count, of: object) else { return [] }
        return state.withLock { state in
            guard let held = state.held(wanted, object) else { return nil }
            state.finish(state.begin(wanted, object, source))
            return held
        }
    }

    /// Forgets everything that was read.
    func close() { state.withLock { $0.seek(to: 0) } }

    private static func range(_ offset: Int, _ count: Int, of object: ObjectInfo) -> Range<Int>? {
        guard offset >= 0, count > 0, offset < object.size else { return nil }
        return offset..<offset + min(count, object.size - offset)
    }

    private static func collect(_ fetches: [Fetch], _ wanted: Range<Int>) async throws(ProviderError) -> [UInt8] {
        var bytes: [UInt8] = []
        for fetch in fetches {
            let part = try await fetch.bytes(wanted.clamped(to: fetch.range))
            // A piece that is wanted whole is not copied.
            if fetches.count == 1 { return Array(part) }
            bytes += part
        }
        return bytes
    }
}

/// Where the bytes come from.
struct ObjectSource: Sendable {
    let service: any ObjectService
    let bucket: String
    let memory: ObjectMemory
    let ahead: FilesAhead?

    func fetch(_ range: Range<Int>, of object: ObjectInfo) -> Fetch {
        Fetch(range, of: object.key, memory: memory) { sink in
            do throws(ProviderError) {
                try await service.read(
                    object.key, in: bucket, offset: range.lowerBound, count: range.count, etag: object.etag, into: sink)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
    }
}

/// How far a reader has come, and what was fetched for it.
private struct State {
    private struct Segment {
        let fetch: Fetch
        /// Taken from the memory of all: nobody had asked for it when it was begun.
        let isAhead: Bool
        var range: Range<Int> { fetch.range }
    }

    private let memory: ObjectMemory
    private var etag: String?
    private var segments: [Segment] = []
    /// How far the reader has come, and how much of that it read in order.
    private var frontier = 0
    private var run = 0
    /// Whether a read went on where one before it ended.
    private var isRunning = false
    /// Bytes of the largest range that the line carries in time.
    private var ceiling = Limits.largestRange

    init(memory: ObjectMemory) { self.memory = memory }

    /// The bytes of a range, where one fetch has them all.
    func held(_ wanted: Range<Int>, _ object: ObjectInfo) -> ArraySlice<UInt8>? {
        guard etag == object.etag,
            let segment = segments.first(where: { $0.range.contains(wanted.lowerBound) }),
            segment.range.upperBound >= wanted.upperBound
        else { return nil }
        return segment.fetch.present(wanted)
    }

    /// The fetches that make up a range; those that are missing are begun, and more ahead of a sequential reader.
    mutating func begin(_ wanted: Range<Int>, _ object: ObjectInfo, _ source: ObjectSource) -> [Fetch] {
        if etag != object.etag {
            seek(to: 0)
            etag = object.etag
        }
        // What was read ahead and failed is asked for again by whoever needs it.
        drop { $0.hasFailed }
        let isSequential = advance(over: wanted)
        let needed = cover(wanted, of: object, source, atLeast: isSequential ? firstReach(wanted) : 0)
        if isSequential { readOn(from: wanted.upperBound, of: object, source) }
        return needed
    }

    /// Lets go of what the reader has behind it.
    mutating func finish(_ fetches: [Fetch]) {
        for fetch in fetches { learn(from: fetch) }
        let (run, end) = (run, frontier - Limits.readBehind)
        drop { run == 0 || $0.range.upperBound <= end }
    }

    /// Forgets everything, to go on from there.
    mutating func seek(to position: Int) {
        drop { _ in true }
        (frontier, run, isRunning) = (position, 0, false)
    }

    /// Whether the reader goes on where it was, or begins at the start.
    private mutating func advance(over wanted: Range<Int>) -> Bool {
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

    private mutating func cover(_ wanted: Range<Int>, of object: ObjectInfo, _ source: ObjectSource, atLeast least: Int)
        -> [Fetch]
    {
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
            needed.append(begin(position..<end, of: object, source, isAhead: false))
            position = end
        }
        return needed
    }

    private mutating func readOn(from wantedEnd: Int, of object: ObjectInfo, _ source: ObjectSource) {
        // The first read is a look at a header as often as it is the first of many.
        let window = min(2 * run, 4 * ceiling, Limits.readAhead)
        guard isRunning, window >= Limits.firstRange || wantedEnd <= Limits.firstRange else { return }
        let length = min(max(window / 4, Limits.firstRange), ceiling)
        var position = max(wantedEnd, segments.map(\.range.upperBound).max() ?? 0)
        while position < min(object.size, frontier + window) {
            let edge = (position / Limits.largestRange + 1) * Limits.largestRange
            let range = position..<min(position + length, edge, object.size)
            guard range.upperBound <= frontier + Limits.readAhead, memory.take(range.count) else { return }
            _ = begin(range, of: object, source, isAhead: true)
            position = range.upperBound
        }
    }

    private mutating func begin(_ range: Range<Int>, of object: ObjectInfo, _ source: ObjectSource, isAhead: Bool)
        -> Fetch
    {
        let isWhole = !isAhead && range == 0..<object.size
        let fetch = (isWhole ? source.ahead?.take(object) : nil) ?? source.fetch(range, of: object)
        segments.append(Segment(fetch: fetch, isAhead: isAhead))
        return fetch
    }

    /// Fits the ranges to what the line carries beside all else that is read.
    private mutating func learn(from fetch: Fetch) {
        guard fetch.range.count >= Limits.firstRange, let duration = fetch.duration, duration > .zero else { return }
        let bytes = Double(fetch.range.count) * min(Limits.longestRead / duration, 2)
        ceiling = min(max(Int(bytes), Limits.firstRange), Limits.largestRange)
    }

    /// Lets go of fetches; one that no reader waits for is cancelled with its last reference.
    private mutating func drop(where isDropped: (Fetch) -> Bool) {
        let memory = memory
        segments.removeAll { segment in
            guard isDropped(segment.fetch) else { return false }
            if segment.isAhead { memory.give(segment.range.count) }
            return true
        }
    }
}
