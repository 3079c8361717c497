public import ProviderAPI

/// An answer that memory gives at once, or one that takes waiting. Whoever asks may be a thread that must not wait.
public enum Answer<Value: Sendable>: Sendable {
    /// Here it is.
    case now(Value)
    /// Run this, from a task, to get it. It ends early when that task is cancelled.
    case later(@Sendable () async throws(ProviderError) -> Value)

    /// The value, waiting where that takes waiting.
    @inlinable
    public func value() async throws(ProviderError) -> Value {
        switch self {
        case .now(let value): value
        case .later(let body): try await body()
        }
    }

    /// The answer with its value turned into another.
    @inlinable
    public func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Value) throws(ProviderError) -> Other
    ) throws(ProviderError) -> Answer<Other> {
        switch self {
        case .now(let value):
            return .now(try transform(value))
        case .later(let body):
            return .later { () async throws(ProviderError) -> Other in try transform(await body()) }
        }
    }

    /// The answer, and after it another that depends on it.
    @inlinable
    public func then<Other: Sendable>(
        _ next: @escaping @Sendable (Value) throws(ProviderError) -> Answer<Other>
    ) throws(ProviderError) -> Answer<Other> {
        switch self {
        case .now(let value):
            return try next(value)
        case .later(let body):
            return .later { () async throws(ProviderError) -> Other in
                try await next(await body()).value()
            }
        }
    }
}

extension Answer where Value == Void {
    /// Done, without waiting.
    @inlinable
    public static var done: Answer<Void> { .now(()) }
}
