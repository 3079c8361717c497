import ProviderAPI

/// What Block Storage notes for users about something of theirs that failed (`GET /v3/PROJECT/messages`, since 3.5).
private struct MessagePayload: Decodable, Sendable {
    var id: String
    /// `extend volume:Volume Driver failed to extend volume.`
    var text: String
    /// ISO 8601, UTC, with microseconds.
    var created: String?
    /// The number of the request that failed.
    var request: String?

    enum CodingKeys: String, CodingKey {
        case id
        case text = "user_message"
        case created = "created_at"
        case request = "request_id"
    }
}

extension Cloud {
    /// Why a volume or a snapshot of one failed, in Block Storage's words: of that request, where its number is known. nil
    /// where it tells nothing, or cannot be asked: the failure itself is what has to be told.
    func storageReason(_ id: String, request: String? = nil) async -> String? {
        do throws(ProviderError) {
            let messages = try await list(
                MessagePayload.self, "messages", .volume, "messages", query: [("resource_uuid", id)],
                to: "ask why \(id) failed"
            ).compactMap(\.payload)
            return messages.filter { request == nil || $0.request == request }
                .max { ($0.created ?? "") < ($1.created ?? "") }?.text
        } catch {
            return nil
        }
    }
}
