import LibvirtKit
import ProviderAPI
import Synchronization

/// Writes a volume: one transfer as long as each write follows the one before, another where one does not. It has a
/// thread and a connection of its own, so that nothing waits behind it.
///
/// What is written is on its way when the write returns, as it is with libvirt's client; a few MiB are gathered before
/// they are sent. ``flush()`` tells whether all of it arrived.
///
/// What is emptied before it is written anew is overwritten in its place, and cut at the end: that takes the host half the
/// time, and the space that the volume has stays its own.
final class VolumeWriter: Sendable {
    private struct Piece {
        let offset: Int
        var bytes: [UInt8]
        var end: Int { offset + bytes.count }
    }

    private struct State {
        /// What is to be sent, in this order, and how many bytes that is.
        var pieces: [Piece] = []
        var waiting = 0
        var isSending = false
        var connection: Connection?
        var upload: VolumeUpload?
        /// Where the transfer under way goes on.
        var position = 0
        /// Where the content ends that is to have nothing but what is written, of a device that keeps its length or of a
        /// file that is still to be cut there; nil where what is not written stays.
        var emptiedTo: Int?
        /// Bytes that a file may have at most.
        var length: Int
        /// Why the volume may lack what was written: told from then on, at the latest when the writer closes.
        var failure: ProviderError?
    }

    /// Bytes that are sent at a time, and that wait for it at most.
    private static let piece = 1 << 20
    private static let room = 4 << 20

    private let session: Session
    private let key: String
    private let subject: String
    /// Whether the volume's length is that of its content.
    private let isFile: Bool
    private let lane = CallQueue(label: "libvirt.upload", width: 1)
    private let state: Mutex<State>
    /// Sent where something that waited is on its way, or will never be.
    private let progress = ReadySignal()

    init(session: Session, volume: VolumeDetail, subject: String) {
        self.session = session
        key = volume.key
        isFile = volume.diskType == "file"
        state = Mutex(State(length: volume.length))
        self.subject = subject
    }

    /// Takes it once there is room.
    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        while !writeNow(bytes, offset: offset) {
            do {
                try await progress.wait { [self] in
                    if state.withLock({ Self.hasRoom(for: bytes, $0) || $0.failure != nil }) { progress.send() }
                }
            } catch {
                throw ProviderError(wrapping: error)
            }
            if let failure = state.withLock({ $0.failure }) { throw failure }
        }
    }

    /// Takes it if there is room; false where the writer has to wait, or is to be told of a failure.
    func writeNow(_ bytes: [UInt8], offset: Int) -> Bool {
        guard !bytes.isEmpty else { return true }
        let (isTaken, begins) = state.withLock { state in
            guard state.failure == nil, Self.hasRoom(for: bytes, state) else { return (false, false) }
            Self.append(bytes, offset, to: &state)
            let begins = state.waiting >= Self.piece && !state.isSending
            if begins { state.isSending = true }
            return (true, begins)
        }
        if begins { Task { await sendAhead() } }
        return isTaken
    }

    private static func hasRoom(for bytes: [UInt8], _ state: State) -> Bool {
        // With less than a piece nothing is on its way.
        state.waiting < piece || state.waiting + bytes.count <= room
    }

    private static func append(_ bytes: [UInt8], _ offset: Int, to state: inout State) {
        state.waiting += bytes.count
        guard let last = state.pieces.last, last.end == offset, last.bytes.count < piece else {
            return state.pieces.append(Piece(offset: offset, bytes: bytes))
        }
        state.pieces[state.pieces.count - 1].bytes.reserveCapacity(piece)
        state.pieces[state.pieces.count - 1].bytes += bytes
    }

    /// Sends while the writer goes on; it is told of a failure later.
    private func sendAhead() async {
        do throws(ProviderError) {
            try await run { [self] in try sendPieces(on: $0) }
        } catch {
            state.withLock { state in
                state.isSending = false
                state.failure = state.failure ?? error
            }
            progress.send()
        }
    }

    /// Cuts a file, or makes it longer; a device gets zeros where it would be cut.
    func truncate(to size: Int) async throws(ProviderError) {
        try await run { [self] connection in
            try sendPieces(isEnd: true, on: connection)
            try end(on: connection)
            if size == 0 { return state.withLock { $0.emptiedTo = 0 } }
            try fill(upTo: size, on: connection)
            guard isFile else { return }
            state.withLock { $0.emptiedTo = nil }
            try cut(at: size, on: connection)
        }
    }

    /// All that was written is in the volume after this.
    func flush() async throws(ProviderError) {
        try await run { [self] connection in
            try sendPieces(isEnd: true, on: connection)
            try end(on: connection)
            let (end, length) = state.withLock { ($0.emptiedTo, $0.length) }
            guard isFile, let end else { return }
            if end < length { try cut(at: end, on: connection) }
            state.withLock { $0.emptiedTo = nil }
        }
    }

    /// The same, and the connection is let go of.
    func close() async throws(ProviderError) {
        guard state.withLock({ $0.connection != nil || $0.waiting > 0 || $0.failure != nil }) else { return }
        defer { state.withLock { $0.connection = nil } }
        try await flush()
    }

    private func run(_ body: @escaping @Sendable (Connection) throws -> Void) async throws(ProviderError) {
        try await session.run(
            subject, on: lane,
            { [self] _ in try connection() }, body)
    }

    private func connection() throws(ProviderError) -> Connection {
        let (known, isUnderWay, failure) = state.withLock { ($0.connection, $0.upload != nil, $0.failure) }
        if let failure { throw failure }
        if let known, known.isAlive { return known }
        guard !isUnderWay else {
            let lost = lost
            state.withLock { $0.failure = lost }
            throw lost
        }
        let connection = try session.another()
        state.withLock { $0.connection = connection }
        return connection
    }

    /// Makes calls after whose failure the volume may lack what was written before.
    private func noting(on connection: Connection, _ calls: () throws -> Void) throws {
        do {
            try calls()
        } catch {
            let failure = connection.isAlive ? failure(error) : lost
            state.withLock { state in
                state.upload = nil
                state.failure = state.failure ?? failure
            }
            throw failure
        }
    }

    private func failure(_ error: any Error) -> ProviderError {
        guard let error = error as? LibvirtError else { return ProviderError(wrapping: error) }
        return ProviderError(error, on: subject)
    }

    private var lost: ProviderError {
        ProviderError(
            .unreachable,
            "\(subject): the connection was lost while it was written, and what was written may be missing")
    }

    // MARK: On the lane

    /// Sends what waits; at the end also what might become a larger piece.
    private func sendPieces(isEnd: Bool = false, on connection: Connection) throws {
        while let piece = state.withLock({ Self.take(isEnd, from: &$0) }) {
            progress.send()
            // Whoever asked for it may be another than the writer, who is told later.
            try noting(on: connection) {
                try fill(upTo: piece.offset, on: connection)
                try send(piece.bytes, at: piece.offset, on: connection)
            }
            state.withLock { state in
                state.length = max(state.length, piece.end)
                if let end = state.emptiedTo { state.emptiedTo = max(end, piece.end) }
            }
        }
    }

    private static func take(_ isEnd: Bool, from state: inout State) -> Piece? {
        guard let first = state.pieces.first, isEnd || state.pieces.count > 1 || first.bytes.count >= piece else {
            if !isEnd { state.isSending = false }
            return nil
        }
        state.waiting -= first.bytes.count
        return state.pieces.removeFirst()
    }

    /// Nothing, or zeros, where writing passes over what is to be empty.
    private func fill(upTo offset: Int, on connection: Connection) throws {
        guard let end = state.withLock({ $0.emptiedTo }), offset > end else { return }
        try self.end(on: connection)
        if isFile {
            try cut(at: end, on: connection)
            return state.withLock { $0.emptiedTo = nil }
        }
        let gap = try VolumeUpload(into: try connection.volume(key: key), offset: end, holes: true)
        try gap.sendHole(offset - end)
        try gap.finish()
        state.withLock { $0.emptiedTo = offset }
    }

    /// Makes a file end there. A transfer cuts it behind a hole, and a hole has one byte at least: one byte is what is left
    /// of an empty file.
    private func cut(at size: Int, on connection: Connection) throws {
        let cut = try VolumeUpload(into: try connection.volume(key: key), offset: 0, holes: true)
        try cut.sendHole(max(size, 1))
        try cut.finish()
        state.withLock { $0.length = max(size, 1) }
        guard size == 0 else { return }
        try send([0], at: 0, on: connection)
        try end(on: connection)
    }

    private func send(_ bytes: [UInt8], at offset: Int, on connection: Connection) throws {
        let known = state.withLock { state in state.position == offset ? state.upload : nil }
        let upload: VolumeUpload
        if let known {
            upload = known
        } else {
            try end(on: connection)
            upload = try VolumeUpload(into: try connection.volume(key: key), offset: offset)
        }
        try noting(on: connection) { try upload.send(bytes) }
        state.withLock { state in
            state.upload = upload
            state.position = offset + bytes.count
        }
    }

    private func end(on connection: Connection) throws {
        let upload = state.withLock { state in
            defer { state.upload = nil }
            return state.upload
        }
        try noting(on: connection) { try upload?.finish() }
    }
}
