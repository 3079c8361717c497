/// Waits until something holds, and not longer than the limit; tells whether it came to hold. On a machine with more to do
/// than time, the limit counts only once there were looks enough.
public func eventually(
    within limit: Duration = .seconds(5), _ condition: @Sendable () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    var looks = 0
    while true {
        if try await condition() { return true }
        looks += 1
        if looks > 500, ContinuousClock.now > deadline { return false }
        // A short wait between looks; the limit is what counts.
        try? await Task.sleep(for: .milliseconds(2))
    }
}
