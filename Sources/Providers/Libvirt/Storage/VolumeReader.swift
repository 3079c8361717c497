import LibvirtKit
import ProviderAPI
import Synchronization

/// Reads a volume in windows, each one transfer: a reader that goes on has the next windows fetched ahead, holes are not
/// fetched at all, and what is kept is bounded.
///
/// A window has an end because libvirt's client takes in whatever the host sends, however slowly it is read.
final class VolumeReader: Sendable {
    private let session: Session
    private let key: String
    private let subject: String
    private let state = Mutex(VolumeWindows())
    private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

    init(session: Session, key: String, subject: String) {
        self.session = session
        self.key = key
        self.subject = subject
    }

    /// The bytes of a range, which lies within the content; fewer where it has become shorter.
    func read(_ range: Range<Int>, size: Int) async throws(ProviderError) -> [UInt8] {
        let length = state.withLock { $0.note(range) }
        var parts: [VolumePart] = []
        var end = range.lowerBound
        while end < range.upperBound {
            let limit = max(length, range.upperBound - end)
            guard let part = try await part(at: end, within: min(size, end + limit), limit) else { break }
            parts.append(part)
            end = part.end
        }
        launch(state.withLock { $0.ahead(size: size) })
        return Self.bytes(range.lowerBound..<max(range.lowerBound, min(end, range.upperBound)), of: parts)
    }

    /// The same, where it is here in one piece.
    func readNow(_ range: Range<Int>, size: Int) -> ArraySlice<UInt8>? {
        let (bytes, fetch) = state.withLock { state -> (ArraySlice<UInt8>?, VolumeFetch?) in
            guard let part = state.part(at: range.lowerBound),
                let extent = part.extents.first(where: { $0.end > range.lowerBound }), extent.end >= range.upperBound,
                extent.place != nil || range.count <= Self.zeros.count
            else { return (nil, nil) }
            _ = state.note(range)
            let ahead = state.ahead(size: size)
            guard let place = extent.place else { return (Self.zeros.prefix(range.count), ahead) }
            let start = place + range.lowerBound - extent.offset
            return (part.bytes[start..<start + range.count], ahead)
        }
        launch(fetch)
        return bytes
    }

    /// The start of the next data or hole at or after an offset; nil where no data follows.
    ///
    /// To know where data ends it has to be fetched, so a hole is looked for in a few MiB only: where they have none,
    /// their end is told, a hole of no length, and who looks for data there finds it. The reader that asks is about to
    /// read them anyway.
    func seek(_ offset: Int, hole: Bool, size: Int) async throws(ProviderError) -> Int? {
        let limit = 4 * VolumeWindows.piece
        var position = offset
        while position < size {
            // All that is left, up to a window of data: one transfer passes over any hole.
            guard let part = try await part(at: position, within: size, limit) else { return hole ? size : nil }
            for extent in part.extents where extent.end > position {
                if (extent.place == nil) == hole { return max(position, extent.offset) }
                position = extent.end
            }
            if hole, position - offset >= limit { return min(position, size) }
        }
        return hole ? size : nil
    }

    /// Forgets what was read: it is to be written, or nobody reads it any more.
    func forget() {
        state.withLock { $0.forget() }
    }

    // MARK: Windows

    /// The part that an offset is in; nil where the content ends before it. Where it is neither here nor under way, it is
    /// fetched with what follows, up to `end` or `limit` bytes of data.
    private func part(at offset: Int, within end: Int, _ limit: Int) async throws(ProviderError) -> VolumePart? {
        while true {
            let (part, fetch, isNew) = state.withLock { state -> (VolumePart?, VolumeFetch?, Bool) in
                if let part = state.part(at: offset) { return (part, nil, false) }
                if let fetch = state.fetch(at: offset) { return (nil, fetch, false) }
                return (nil, state.begin(offset..<max(offset + 1, end), limit: limit), true)
            }
            if let part { return part }
            guard let fetch else { continue }
            if isNew { launch(fetch) }
            // What began there and ended with nothing is the end; any other may have ended before it came that far.
            if try await fetch.wait(past: offset) == .ended, isNew { return nil }
        }
    }

    private func launch(_ fetch: VolumeFetch?) {
        guard let fetch else { return }
        Task { [self] in
            var failure: ProviderError?
            do throws(ProviderError) { try await transfer(fetch) } catch { failure = error }
            let isWanted = state.withLock { state in
                defer { state.end(fetch) }
                return state.wants(fetch)
            }
            fetch.finish(failure.map { .failure($0) } ?? .success(isWanted ? .ended : .dropped))
        }
    }

    private func transfer(_ fetch: VolumeFetch) async throws(ProviderError) {
        let buffers = state.withLock { $0.buffers }
        try await session.transfer(subject) { [self] connection in
            guard state.withLock({ $0.wants(fetch) }) else { return }
            try connection.volume(key: key).download(
                offset: fetch.range.lowerBound, length: fetch.range.count, limit: fetch.limit,
                part: VolumeWindows.piece, into: buffers
            ) {
                state.withLock { $0.wants(fetch) }
            } _: { part in
                state.withLock { $0.keep(part, of: fetch) }
                fetch.reach(part.end)
            }
        }
    }

    private static func bytes(_ range: Range<Int>, of parts: [VolumePart]) -> [UInt8] {
        // A reader that goes on asks for just what has come.
        if parts.count == 1, parts[0].offset == range.lowerBound, parts[0].end == range.upperBound,
            parts[0].bytes.count == range.count
        {
            return parts[0].bytes
        }
        return [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            for part in parts {
                for extent in part.extents {
                    let common = range.clamped(to: extent.offset..<extent.end)
                    guard !common.isEmpty else { continue }
                    let place = common.lowerBound - range.lowerBound
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[place..<place + common.count])
                    if let start = extent.place {
                        let from = start + common.lowerBound - extent.offset
                        _ = target.initialize(fromContentsOf: part.bytes[from..<from + common.count])
                    } else {
                        target.initialize(repeating: 0)
                    }
                }
            }
            filled = range.count
        }
    }
}
