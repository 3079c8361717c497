import LibvirtKit
import ProviderAPI
import Synchronization

/// Reads a volume in windows, each one transfer: what is read on is fetched ahead, holes are not fetched at all, and
/// nothing but the last windows is kept.
final class VolumeReader: Sendable {
    private struct Fetch {
        let range: Range<Int>
        let task: Task<VolumePart, any Error>
    }

    private struct State {
        /// The last first.
        var parts: [VolumePart] = []
        var fetches: [Fetch] = []
        /// Where a reader that goes on would go on.
        var next = 0
        /// Counts what was forgotten, so that what was fetched before is not kept after.
        var epoch = 0
    }

    /// Bytes of data in a window of a reader that goes on.
    private static let window = 4 << 20
    /// Bytes fetched for one that jumps.
    private static let step = 128 << 10
    /// Windows that are kept, and that are fetched ahead.
    private static let kept = 3
    private static let ahead = 2

    private let session: Session
    private let key: String
    private let subject: String
    private let state = Mutex(State())

    init(session: Session, key: String, subject: String) {
        self.session = session
        self.key = key
        self.subject = subject
    }

    /// The bytes of a range, which lies within the content; fewer where it has become shorter.
    func read(_ range: Range<Int>, size: Int) async throws(ProviderError) -> [UInt8] {
        let goesOn = state.withLock { state in
            defer { state.next = range.upperBound }
            return state.next == range.lowerBound
        }
        let length = goesOn ? Self.window : max(range.count, Self.step)
        var parts: [VolumePart] = []
        var end = range.lowerBound
        while end < range.upperBound {
            let part = try await part(at: end, length: max(length, range.upperBound - end), size: size)
            guard part.end > end else { break }
            parts.append(part)
            end = part.end
        }
        if goesOn, let last = parts.last { fetchAhead(of: last, size: size) }
        return Self.bytes(range.lowerBound..<max(range.lowerBound, min(end, range.upperBound)), of: parts)
    }

    /// The start of the next data or hole at or after an offset; nil where no data follows.
    ///
    /// To know where data ends it has to be fetched, so a hole is looked for in one window only: where it has none, the
    /// end of the window is told, a hole of no length, and who looks for data there finds it. The reader that asks is
    /// about to read the window anyway.
    func seek(_ offset: Int, hole: Bool, size: Int) async throws(ProviderError) -> Int? {
        var position = offset
        while position < size {
            // All that is left, up to a window of data: one transfer passes over any hole.
            let part = try await part(at: position, length: size - position, size: size)
            guard part.end > position else { return hole ? size : nil }
            for extent in part.extents where extent.end > position {
                if (extent.place == nil) == hole { return max(position, extent.offset) }
                position = extent.end
            }
            if hole { return min(position, size) }
        }
        return hole ? size : nil
    }

    /// Forgets what was read: it is to be written.
    func forget() {
        state.withLock { state in
            state.parts = []
            state.fetches = []
            state.epoch += 1
        }
    }

    // MARK: Windows

    private enum Found {
        case part(VolumePart)
        case fetch(Fetch)
    }

    /// The window that an offset is in.
    private func part(at offset: Int, length: Int, size: Int) async throws(ProviderError) -> VolumePart {
        while true {
            let found = state.withLock { state -> Found in
                if let part = state.parts.first(where: { $0.offset <= offset && offset < $0.end }) {
                    return .part(part)
                }
                if let fetch = state.fetches.first(where: { $0.range.contains(offset) }) { return .fetch(fetch) }
                return .fetch(begin(offset, length, size, &state))
            }
            switch found {
            case .part(let part): return part
            case .fetch(let fetch):
                let part = try await Self.value(of: fetch)
                // A window that ended early, before the offset, is no answer; one that begins with it is.
                if fetch.range.lowerBound == offset || part.end > offset { return part }
            }
        }
    }

    private static func value(of fetch: Fetch) async throws(ProviderError) -> VolumePart {
        do {
            return try await fetch.task.value
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    private func begin(_ offset: Int, _ length: Int, _ size: Int, _ state: inout State) -> Fetch {
        let range = offset..<max(offset + 1, min(size, offset + length))
        let limit = min(range.count, max(Self.window, 0))
        let epoch = state.epoch
        let task = Task { [self] () throws -> VolumePart in
            do {
                let part = try await session.transfer(subject) { [key] connection in
                    try connection.volume(key: key).download(offset: offset, length: range.count, limit: limit)
                }
                keep(part, fetched: range, epoch)
                return part
            } catch {
                keep(nil, fetched: range, epoch)
                throw error
            }
        }
        let fetch = Fetch(range: range, task: task)
        state.fetches.append(fetch)
        return fetch
    }

    private func keep(_ part: VolumePart?, fetched range: Range<Int>, _ epoch: Int) {
        state.withLock { state in
            guard state.epoch == epoch else { return }
            state.fetches.removeAll { $0.range == range }
            guard let part, part.end > part.offset else { return }
            state.parts.insert(part, at: 0)
            if state.parts.count > Self.kept + Self.ahead {
                // What lies behind the reader goes first.
                let passed = state.parts.lastIndex { $0.end <= state.next }
                state.parts.remove(at: passed ?? state.parts.count - 1)
            }
        }
    }

    private func fetchAhead(of last: VolumePart, size: Int) {
        state.withLock { state in
            var end = last.end
            let isDense = last.extents.allSatisfy { $0.place != nil }
            let length = isDense ? Self.window : size
            for _ in 0..<(isDense ? Self.ahead : 1) where end < size {
                let here = end
                if let part = state.parts.first(where: { $0.offset <= here && here < $0.end }) {
                    end = part.end
                } else if let fetch = state.fetches.first(where: { $0.range.contains(here) }) {
                    end = fetch.range.upperBound
                } else {
                    end = begin(end, length, size, &state).range.upperBound
                }
            }
        }
    }

    private static func bytes(_ range: Range<Int>, of parts: [VolumePart]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
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
