import Inventory
import ProviderAPI
import Synchronization

/// Bytes that do not change while they are open.
struct FixedFile: OpenedFile {
    let bytes: [UInt8]

    var size: Int? { bytes.count }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        .now(bytes.slice(from: offset, count))
    }
}

/// An attribute open for writing. A one-line value is applied by the write that carries it, wherever it was written; a
/// document is put together and applied at flush, once for what was written since the last time.
final class ValueFile: OpenedFile {
    typealias Apply = @Sendable (_ bytes: [UInt8], _ caller: Caller) throws(ProviderError) -> Answer<Void>

    static let limit = 64 << 10
    private static let tooLarge = ProviderError(.tooLarge, "a value holds at most \(limit) bytes")

    private struct State {
        var bytes: [UInt8]
        var isDirty = false
    }

    private let isDocument: Bool
    private let isAppending: Bool
    private let apply: Apply
    private let state: Mutex<State>

    init(isDocument: Bool, start: [UInt8], isAppending: Bool, apply: @escaping Apply) {
        self.isDocument = isDocument
        self.isAppending = isAppending
        self.apply = apply
        state = Mutex(State(bytes: start))
    }

    var wantsFlush: Bool { isDocument }
    var size: Int? { state.withLock { $0.bytes.count } }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        .now(state.withLock { $0.bytes.slice(from: offset, count) })
    }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        let count = bytes.count
        guard count <= Self.limit else { throw Self.tooLarge }
        guard isDocument else { return try apply(bytes, caller).map { count } }
        try state.withLock { state throws(ProviderError) in
            let position = isAppending ? state.bytes.count : offset
            guard (0...Self.limit - count).contains(position) else { throw Self.tooLarge }
            state.bytes.overwrite(bytes, at: position)
            state.isDirty = true
        }
        return .now(count)
    }

    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard (0...Self.limit).contains(size) else { throw Self.tooLarge }
        if isDocument { state.withLock { $0.bytes.resize(to: size) } }
        return .done
    }

    func flush(by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let bytes = state.withLock { state -> [UInt8]? in
            guard state.isDirty else { return nil }
            state.isDirty = false
            return state.bytes
        }
        guard let bytes else { return .done }
        return try apply(bytes, caller)
    }
}

/// A journal being read: it grows under its readers. Reading never waits; poll(2) tells of lines past what was read.
final class JournalFile: OpenedFile {
    private let journal: Journal
    private let position = Mutex(0)

    init(journal: Journal) {
        self.journal = journal
    }

    var size: Int? { journal.count }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        let bytes = journal.contents.bytes.slice(from: offset, count)
        position.withLock { $0 = offset + bytes.count }
        return .now(bytes)
    }

    func poll(_ notify: (@Sendable () -> Void)?) -> Bool? {
        // Asked before looking, so that no line is missed in between.
        if let notify { journal.notifyOnce(notify) }
        return journal.count != position.withLock { $0 }
    }
}
