/// Waits until something holds, and not longer than the limit; tells whether it came to hold.
public func eventually(
    within limit: Duration = .seconds(20), _ condition: @Sendable () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await condition() { return true }
        if ContinuousClock.now > deadline { return false }
        // A short wait between looks; the limit is what counts.
        try? await Task.sleep(for: .milliseconds(2))
    }
}
