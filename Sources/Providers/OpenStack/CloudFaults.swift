import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI

/// What the services say in the body of an answer that refuses. Each has a shape of its own; the code is what tells, and
/// where there is none (Compute, Block Storage) the beginning of a text about quotas.
struct CloudFaults: FaultInterpreter {
    func fault(in response: HTTPResponse) -> ServiceFault? {
        guard response.status >= 400 else { return nil }
        let words = Self.words(response)
        let message = words?.message ?? ""
        let meaning = Self.code(response.status, words?.code ?? "", message)
        // Block Storage tells when to come back where a quota is used up, too.
        let isLimit = response.status == 413 && response.headers["Retry-After"] != nil && !Self.isAboutQuota(message)
        return ServiceFault(
            code: words.flatMap { $0.code.isEmpty ? nil : $0.code } ?? "HTTP status \(response.status)",
            message: message.isEmpty ? "no more words" : message, requestID: response.headers.requestID,
            meaning: meaning, isThrottling: response.status == 429 || isLimit)
    }

    /// `{"NAME": {"message": ..., "type": ...}}`, or `{"message": ..., "type": ...}`, or a text.
    private static func words(_ response: HTTPResponse) -> (code: String, message: String)? {
        let data = Data(response.body)
        if let flat = try? JSONDecoder().decode(Words.self, from: data), let message = flat.text {
            return (flat.type ?? flat.title ?? "", message)
        }
        if let nested = try? JSONDecoder().decode([String: Words].self, from: data),
            let (name, words) = nested.min(by: { $0.key < $1.key }), let message = words.text
        {
            return (words.type ?? words.title ?? name, message)
        }
        let text = response.headers["Content-Type"]?.hasPrefix("text/plain") == true ? response.text : ""
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300)
        return line.isEmpty ? nil : ("", String(line))
    }

    private struct Words: Decodable {
        var message: String?
        /// Clouds before 2014, and middleware.
        var faultstring: String?
        var type: String?
        var title: String?

        var text: String? { message ?? faultstring }
    }

    private static func code(_ status: Int, _ code: String, _ message: String) -> ProviderError.Code? {
        let lower = code.lowercased()
        if lower.contains("overquota") || lower == "over_quota" || isAboutQuota(message) {
            return .quotaExceeded
        }
        if lower.hasSuffix("inuse") { return .busy }
        if lower.hasPrefix("duplicate_") { return .alreadyExists }
        if lower == "ipaddressgenerationfailure" || status == 507 { return .noSpace }
        // Networking, of what an extension has that this cloud does not.
        if status == 400, message.hasPrefix("Unrecognized attribute") { return .unsupported }
        switch status {
        case 401: return .credentialsRejected
        case 403: return .forbidden
        case 404: return .notFound
        case 409: return .busy
        case 413: return .quotaExceeded
        default: return nil
        }
    }

    /// Compute says 403 and Block Storage 413 for a quota, with nothing but words to tell it by.
    private static func isAboutQuota(_ message: String) -> Bool {
        let lower = message.lowercased()
        return lower.contains("maximum number of") || (lower.contains("quota") && lower.contains("exceed"))
    }
}
