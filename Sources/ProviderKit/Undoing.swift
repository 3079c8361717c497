public import ProviderAPI

/// Takes back what was half done, also where the caller has gone away meanwhile: what was made must not be left behind
/// for that. Its own failure is not told, since the caller has an error to tell already.
public func undoing(_ body: @escaping @Sendable () async throws(ProviderError) -> Void) async {
    // A task of its own is not cancelled with the caller's.
    await Task { () async -> Void in
        do throws(ProviderError) {
            try await body()
        } catch {
            return
        }
    }.value
}
