import Synchronization

/// What the callbacks of libvirt's streams lead to, by number: what a callback is given is a number, not an object.
///
/// A call that is under way when its callback is removed finds nothing. And nothing waits to be released by libvirt, which
/// has long forgotten to where the stream is one of a remote connection (remoteStreamCallbackFree).
final class CallbackTable<Value: Sendable>: Sendable {
    private let state = Mutex<(values: [UInt: Value], last: UInt)>(([:], 0))

    /// Adds one; the number by which it is found, never 0.
    func add(_ value: Value) -> UInt {
        state.withLock { state in
            state.last += 1
            state.values[state.last] = value
            return state.last
        }
    }

    /// Forgets one.
    func remove(_ number: UInt) {
        _ = state.withLock { $0.values.removeValue(forKey: number) }
    }

    /// What the context of a callback leads to; nil where it was forgotten.
    func value(of context: UnsafeMutableRawPointer?) -> Value? {
        state.withLock { $0.values[UInt(bitPattern: context)] }
    }

    /// How many there are.
    var count: Int { state.withLock { $0.values.count } }
}
