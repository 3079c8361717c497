import ProviderAPI

/// What became of a request to change a server (`GET /servers/ID/os-instance-actions/REQUEST`).
private struct ActionPayload: Decodable, Sendable {
    struct Event: Decodable, Sendable {
        var began: String?
        var result: String?
        /// Why, since 2.84.
        var details: String?

        enum CodingKeys: String, CodingKey {
            case result, details
            case began = "start_time"
        }
    }

    var message: String?
    var events: [Event]?

    /// The words of the step that failed; `Error` alone tells nothing.
    var reason: String? {
        let failed = (events ?? []).filter { $0.result?.lowercased() == "error" && $0.details != nil }
        return failed.max { ($0.began ?? "") < ($1.began ?? "") }?.details
            ?? message.flatMap { $0 == "Error" ? nil : $0 }
    }
}

extension Cloud {
    /// Why a request to change a server failed after it was accepted, in Compute's words. nil where it tells nothing, or
    /// cannot be asked: the failure itself is what has to be told.
    func computeReason(_ server: String, request: String?) async -> String? {
        guard let request else { return nil }
        do throws(ProviderError) {
            return try await found(
                ActionPayload.self, "instanceAction", .compute, "servers/\(server)/os-instance-actions/\(request)",
                to: "ask why the change of \(server) failed"
            )?.reason
        } catch {
            return nil
        }
    }
}
