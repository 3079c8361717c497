/// Takes the body of an answer as it comes, on the thread that moves all transfers: it must not block.
public protocol HTTPReceiver: Sendable {
    /// Status and headers of an answer are there. Whether its body is to be handed over; else it is kept for the answer.
    func begins(_ status: Int, _ headers: HTTPHeaders) -> Bool
    /// The next bytes, which are gone when this returns. Where they are refused, the exchange fails as `tooLarge`.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool
}
