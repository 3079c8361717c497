/// Takes the bytes of a range as they come, in order, from any thread. It never blocks.
public protocol ByteSink: Sendable {
    /// The bytes come from the start of the range: for the first time, or once more after an attempt that broke off. Those
    /// of the attempts are the same.
    func begin()
    /// The next bytes, which are gone when this returns. Whether they were taken: what is refused is more than was asked
    /// for.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool
}

extension ByteSink {
    /// Gives it a whole range that is there already.
    public func take(whole bytes: [UInt8]) {
        begin()
        _ = bytes.withUnsafeBytes { take($0) }
    }
}
