import HTTPKit
import HTTPProvider
import ProviderAPI
import XMLKit

/// EC2's query API, version 2016-11-15: `POST /` with `Action` and parameters as a form, answers in XML.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
struct EC2: Sendable {
    static let version = "2016-11-15"
    /// The most values of one filter, as EC2's limits say.
    static let filterLimit = 200

    let service: ServiceClient
    let endpoint: HTTPURL

    /// Calls that may be sent again though nobody knows whether they were carried out: they ask, they bring about a
    /// state rather than a change, or they carry a ClientToken.
    private static func isRepeatable(_ action: String, _ form: QueryForm) -> Bool {
        let states = [
            "StartInstances", "StopInstances", "TerminateInstances", "CreateTags", "DeleteTags",
            "ModifyInstanceAttribute", "ModifyVpcAttribute", "ModifySubnetAttribute",
            "ModifyNetworkInterfaceAttribute",
        ]
        return action.hasPrefix("Describe") || action.hasPrefix("Get") || states.contains(action)
            || form.fields.contains { $0.name == "ClientToken" }
    }

    /// One call. `what` completes the message of its failure: "start web1".
    func call(_ action: String, _ form: QueryForm = QueryForm(), to what: String) async throws(ProviderError)
        -> XMLElement
    {
        var request = HTTPRequest(
            .post, endpoint, headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: .text(form.body(action: action, version: Self.version)))
        request.isRepeatable = Self.isRepeatable(action, form)
        let isReading = action.hasPrefix("Describe") || action.hasPrefix("Get")
        return try await service.xml(request, to: what, group: isReading ? "read" : "write")
    }

    /// Every page of a Describe call: the elements of the set that it answers with. `size` is the most that EC2 gives in
    /// one page; nil where a list of ids forbids pages.
    func pages(
        _ action: String, _ form: QueryForm, size: Int?, set: String, to what: String
    ) async throws(ProviderError) -> [XMLElement] {
        try await allPages(
            failing: { _ in ProviderError(.malformedReply, "\(what): EC2 gives the same page again and again") },
            { (token: String?) async throws(ProviderError) -> (items: [XMLElement], next: String?) in
                var form = form
                form.set("MaxResults", size)
                form.set("NextToken", token)
                let answer = try await call(action, form, to: what)
                return (answer.items(set), answer.text("nextToken"))
            })
    }

    /// A token by which EC2 knows a repeated request.
    static func clientToken() -> String {
        var random = SystemRandomNumberGenerator()
        return [random.next(), random.next()].map { String($0, radix: 16) }.joined(separator: "-")
    }
}
