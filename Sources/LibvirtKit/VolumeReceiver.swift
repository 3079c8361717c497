import CLibvirt
import Dispatch
import Synchronization

/// What a ``VolumeDownload`` has received: filled by libvirt's event loop, emptied by the thread that runs it.
final class VolumeReceiver: Sendable {
    /// How it ended.
    enum Ending {
        /// The host said so.
        case end
        /// As much came as was asked for, with more to follow.
        case limit
        case failure(LibvirtError)
    }

    fileprivate struct State {
        let end: Int
        let cut: VolumeDownload.Cut
        let buffers: VolumeBuffers
        /// Where it goes on.
        var position: Int
        /// Bytes of data that are still to come, at most.
        var rest: Int
        /// The part that is coming: where it begins, what it has, how many of its bytes are filled.
        var start: Int
        var extents: [VolumePart.Extent] = []
        var bytes: [UInt8] = []
        var filled = 0
        /// Those that came and were not taken yet.
        var parts: [VolumePart] = []
        var ending: Ending?
        var isClosed = false
    }

    /// Those of the process that something may still come for.
    static let all = CallbackTable<VolumeReceiver>()

    /// Sent whenever there is something to take.
    let arrival = DispatchSemaphore(value: 0)
    private let state: Mutex<State>

    init(_ range: Range<Int>, _ cut: VolumeDownload.Cut, _ buffers: VolumeBuffers) {
        state = Mutex(
            State(
                end: range.upperBound, cut: cut, buffers: buffers, position: range.lowerBound, rest: cut.limit,
                start: range.lowerBound))
    }

    // MARK: Its two sides

    /// Takes in what has come, on the event loop.
    func receive(from stream: virStreamPtr) {
        let hasNews = state.withLock { state in
            guard !state.isClosed, state.ending == nil else { return false }
            while state.ending == nil, state.advance(stream) {}
            // What is over would be told again and again.
            if state.ending != nil { virStreamEventUpdateCallback(stream, 0) }
            return !state.parts.isEmpty || state.ending != nil
        }
        if hasNews { arrival.signal() }
    }

    /// The parts that came since, and whether that was all.
    func take() -> ([VolumePart], Ending?) {
        state.withLock { state in
            defer { state.parts = [] }
            return (state.parts, state.ending)
        }
    }

    /// Touches the stream no more.
    func close() {
        state.withLock { $0.isClosed = true }
    }
}

extension VolumeReceiver.State {
    /// What one message of libvirt's carries at most.
    private static let message = 262_120

    /// Takes one message; false where none is there.
    mutating func advance(_ stream: virStreamPtr) -> Bool {
        // One byte more than is asked for has room, so that the end can be told from more.
        if bytes.isEmpty { bytes = buffers.take(max(1, min(cut.part, rest, end - position))) }
        let filled = filled
        let count = bytes.withUnsafeMutableBytes { buffer in
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(Self.message))
            return virStreamRecvFlags(
                stream, free.assumingMemoryBound(to: CChar.self).baseAddress, free.count,
                VIR_STREAM_RECV_STOP_AT_HOLE.rawValue)
        }
        switch count {
        case -2: return false
        case -3: takeHole(stream)
        case 0: finish(.end)
        case 1...: takeData(Int(count))
        default: finish(.failure(.last()))
        }
        return true
    }

    private mutating func takeData(_ count: Int) {
        guard rest > 0, position < end else { return finish(.limit) }
        if let last = extents.last, let place = last.place {
            extents[extents.count - 1] = .init(offset: last.offset, count: last.count + count, place: place)
        } else {
            extents.append(.init(offset: position, count: count, place: filled))
        }
        filled += count
        position += count
        rest -= count
        if filled == bytes.count { endPart() }
        if rest == 0, position < end { finish(.limit) }
    }

    private mutating func takeHole(_ stream: virStreamPtr) {
        var length: Int64 = 0
        guard virStreamRecvHole(stream, &length, 0) >= 0 else { return finish(.failure(.last())) }
        extents.append(.init(offset: position, count: Int(length), place: nil))
        position += Int(length)
        if Int(length) >= cut.hole { endPart() }
    }

    private mutating func finish(_ ending: VolumeReceiver.Ending) {
        endPart()
        self.ending = ending
    }

    /// The next part begins.
    private mutating func endPart() {
        guard !extents.isEmpty else { return }
        if filled < bytes.count / 2 {
            bytes = Array(bytes[..<filled])
        } else {
            bytes.removeLast(bytes.count - filled)
        }
        parts.append(VolumePart(extents: extents, bytes: bytes, offset: start))
        (start, extents, bytes, filled) = (position, [], [], 0)
    }
}
