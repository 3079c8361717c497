import Inventory
import ProviderAPI
import Synchronization
import Tree

@testable import MountBridge

/// A state file: rendered whole, written a value at a time. The values `bogus` and `busy` are refused.
final class StateFile: FileNode {
    struct State {
        var bytes: [UInt8]
        var modified: Int64 = 1_700_000_000_000_000_000
        var validity = Validity.untilChanged
        var isPublic = false
        var writes: [String] = []
        var renders = 0
        var statusWaits = false
    }

    let inode = TestDirectory.freshInode()
    let path: String
    let state: Mutex<State>

    init(_ path: String, _ text: String, validity: Validity = .untilChanged) {
        self.path = path
        state = Mutex(State(bytes: Array(text.utf8), validity: validity))
    }

    /// Changes it as others do: nobody is told.
    func set(_ bytes: [UInt8]) {
        state.withLock { state in
            state.bytes = bytes
            state.modified += 1_000
        }
    }

    func set(_ text: String) { set(Array(text.utf8)) }

    private func status(_ state: State) -> NodeStatus {
        NodeStatus(
            .file, isWritable: true, size: state.bytes.count, modified: state.modified, validity: state.validity,
            isPublic: state.isPublic)
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let state = self.state.withLock { $0 }
        let (status, waits) = (status(state), state.statusWaits)
        return waits ? .later { () async throws(ProviderError) in status } : .now(status)
    }

    func content() throws(ProviderError) -> Answer<Content>? {
        .now(
            state.withLock { state in
                state.renders += 1
                return Content(bytes: state.bytes, status: status(state))
            })
    }

    func open(_ mode: OpenMode, by caller: NodeCaller) throws(ProviderError) -> Answer<any NodeFile> {
        .now(StateOpening(self))
    }

    func setPublic(_ isPublic: Bool, by caller: NodeCaller) throws(ProviderError) -> Answer<Void> {
        state.withLock { $0.isPublic = isPublic }
        return .done
    }

    var extendedAttributes: [String] { ["user.infrafs.id"] }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        guard name == "user.infrafs.id" else { throw ProviderError(.noAttribute, "no \(name)") }
        return .now(Array("i-\(inode)".utf8))
    }
}

/// A state file open for writing.
struct StateOpening: NodeFile {
    let node: StateFile

    init(_ node: StateFile) { self.node = node }

    func read(offset: Int, count: Int, by caller: NodeCaller) throws(ProviderError) -> Answer<[UInt8]> {
        .now(Array(node.state.withLock { $0.bytes }.dropFirst(offset).prefix(count)))
    }

    func write(_ bytes: [UInt8], offset: Int, by caller: NodeCaller) throws(ProviderError) -> Answer<Int> {
        let text = String(decoding: bytes, as: UTF8.self)
        node.state.withLock { $0.writes.append(text) }
        if text.hasPrefix("bogus") { throw ProviderError(.invalidValue, "bogus is not a value of \(node.path)") }
        if text.hasPrefix("busy") {
            return .later { () async throws(ProviderError) in throw ProviderError(.busy, "\(node.path) is in use") }
        }
        node.set(bytes)
        return .now(bytes.count)
    }
}

/// A file whose reads never end by themselves.
final class SlowFile: FileNode {
    let inode = TestDirectory.freshInode()
    let path: String
    let listens: Bool
    let isStream: Bool
    let cancelled = Atomic<Bool>(false)
    let reads = Atomic<Int>(0)
    let closed = Atomic<Int>(0)

    /// - Parameter listens: whether it ends when it is cancelled.
    init(_ path: String, listens: Bool, isStream: Bool = false) {
        self.path = path
        self.listens = listens
        self.isStream = isStream
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.file, isWritable: false, modified: 0, validity: .none))
    }

    func open(_ mode: OpenMode, by caller: NodeCaller) throws(ProviderError) -> Answer<any NodeFile> {
        .now(SlowOpening(node: self))
    }
}

/// A slow file, open.
struct SlowOpening: NodeFile {
    let node: SlowFile
    var isStream: Bool { node.isStream }

    func read(offset: Int, count: Int, by caller: NodeCaller) throws(ProviderError) -> Answer<[UInt8]> {
        node.reads.add(1, ordering: .relaxed)
        return .later { () async throws(ProviderError) in
            let pause = Task { try await Task.sleep(for: .seconds(20)) }
            await withTaskCancellationHandler {
                _ = await pause.result
            } onCancel: {
                node.cancelled.store(true, ordering: .relaxed)
                if node.listens { pause.cancel() }
            }
            throw ProviderError(.cancelled, "interrupted")
        }
    }

    func poll(_ notify: (@Sendable () -> Void)?) -> Bool? { false }

    func close() async { node.closed.add(1, ordering: .relaxed) }
}

/// What a tail of lines reads: waits for the next, ends when told.
final class LineStream: FileNode {
    struct State {
        var lines: [String] = []
        var isEnded = false
        var waiter: (@Sendable () -> Void)?
    }

    let inode = TestDirectory.freshInode()
    let path: String
    let state = Mutex(State())

    init(_ path: String) { self.path = path }

    func append(_ line: String?) {
        let waiter = state.withLock { state in
            if let line { state.lines.append(line) } else { state.isEnded = true }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?()
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.file, isWritable: false, modified: 0, validity: .none))
    }

    func open(_ mode: OpenMode, by caller: NodeCaller) throws(ProviderError) -> Answer<any NodeFile> {
        .now(LineOpening(node: self))
    }
}

/// A stream of lines, open.
struct LineOpening: NodeFile {
    let node: LineStream
    var isStream: Bool { true }

    func read(offset: Int, count: Int, by caller: NodeCaller) throws(ProviderError) -> Answer<[UInt8]> {
        if let bytes = next() { return .now(bytes) }
        return .later { () async throws(ProviderError) in
            while true {
                if let bytes = next() { return bytes }
                guard (try? await Task.sleep(for: .milliseconds(5))) != nil else {
                    throw ProviderError(.cancelled, "interrupted")
                }
            }
        }
    }

    private func next() -> [UInt8]? {
        node.state.withLock { state in
            if let line = state.lines.first {
                state.lines.removeFirst()
                return Array(line.utf8)
            }
            return state.isEnded ? [] : nil
        }
    }

    func poll(_ notify: (@Sendable () -> Void)?) -> Bool? {
        node.state.withLock { state in
            if !state.lines.isEmpty || state.isEnded { return true }
            if let notify { state.waiter = notify }
            return false
        }
    }
}
