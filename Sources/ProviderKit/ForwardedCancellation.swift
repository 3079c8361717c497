extension Task where Failure == Never {
    /// Its value. Whoever is cancelled while waiting for it cancels it, too, and waits for what comes of that.
    public var forwardingCancellation: Success {
        get async {
            await withTaskCancellationHandler {
                await value
            } onCancel: {
                cancel()
            }
        }
    }
}
