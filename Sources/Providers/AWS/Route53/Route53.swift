import HTTPKit
import HTTPProvider
import ProviderAPI
import XMLKit

/// Route 53's REST API in XML, version 2013-04-01.
/// https://docs.aws.amazon.com/Route53/latest/APIReference/
struct Route53: Sendable {
    /// A hosted zone.
    struct Zone: Sendable, Hashable {
        var id: String
        /// Without the last dot.
        var name: String
        var isPrivate: Bool
    }

    /// A record set, as it is sent back to change it: a DELETE must give it whole.
    struct RecordSet: Sendable, Hashable {
        /// Absolute, with the last dot.
        var name: String
        var type: String
        var ttl: Int?
        var values: [String]
        var alias: Alias?
        /// Told apart from others of its name and type by a routing policy.
        var hasPolicy: Bool
    }

    /// Another record or resource of AWS's that answers instead.
    struct Alias: Sendable, Hashable {
        var zone: String
        var name: String
        var evaluatesHealth: Bool
    }

    /// What to do with a record set.
    enum Action: String, Sendable {
        case upsert = "UPSERT"
        case delete = "DELETE"
        case create = "CREATE"
    }

    static let namespace = "https://route53.amazonaws.com/doc/2013-04-01/"
    let service: ServiceClient
    let endpoint: HTTPURL

    private func url(_ path: String...) -> HTTPURL {
        path.reduce(endpoint.appending("2013-04-01")) { $0.appending($1) }
    }

    /// GET /2013-04-01/hostedzone: every page.
    func zones() async throws(ProviderError) -> [Zone] {
        let what = "list DNS zones"
        return try await allPages(
            failing: { ProviderError(.malformedReply, "\(what): \($0)") },
            { (marker: String?) async throws(ProviderError) -> (items: [Zone], next: String?) in
                var query: [(String, String?)] = [("maxitems", "100")]
                if let marker { query.append(("marker", marker)) }
                let answer = try await service.xml(HTTPRequest(.get, url("hostedzone").with(query)), to: what)
                let more = answer.text("IsTruncated") == "true"
                return (
                    answer.all("HostedZones/HostedZone").compactMap(Zone.init), more ? answer.text("NextMarker") : nil
                )
            })
    }

    /// GET /2013-04-01/hostedzone/ID; nil where there is none.
    func zone(_ id: String) async throws(ProviderError) -> Zone? {
        do throws(ProviderError) {
            let answer = try await service.xml(HTTPRequest(.get, url("hostedzone", id)), to: "read the DNS zone \(id)")
            return answer.first("HostedZone").flatMap(Zone.init)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// GET /2013-04-01/hostedzone/ID/rrset: every page.
    func records(of zone: String) async throws(ProviderError) -> [RecordSet] {
        let what = "read the records of \(zone)"
        return try await allPages(
            failing: { ProviderError(.malformedReply, "\(what): \($0)") },
            { (next: [String]?) async throws(ProviderError) -> (items: [RecordSet], next: [String]?) in
                var query: [(String, String?)] = [("maxitems", "300")]
                for (key, value) in zip(["name", "type", "identifier"], next ?? []) where !value.isEmpty {
                    query.append((key, value))
                }
                let answer = try await service.xml(
                    HTTPRequest(.get, url("hostedzone", zone, "rrset").with(query)), to: what)
                let sets = answer.all("ResourceRecordSets/ResourceRecordSet").compactMap(RecordSet.init)
                guard answer.text("IsTruncated") == "true", let name = answer.text("NextRecordName") else {
                    return (sets, nil)
                }
                return (
                    sets, [name, answer.text("NextRecordType") ?? "", answer.text("NextRecordIdentifier") ?? ""]
                )
            })
    }

    /// POST /2013-04-01/hostedzone/ID/rrset: all of the changes, or none.
    func change(_ zone: String, _ changes: [(Action, RecordSet)], to what: String) async throws(ProviderError) {
        guard !changes.isEmpty else { return }
        let list = changes.map { action, set in
            XMLElement("Change", [:], [XMLElement("Action", text: action.rawValue), set.element])
        }
        let document = XMLElement(
            "ChangeResourceRecordSetsRequest", ["xmlns": Self.namespace],
            [XMLElement("ChangeBatch", [:], [XMLElement("Changes", [:], list)])])
        var request = xml(.post, url("hostedzone", zone, "rrset"), document)
        // UPSERT and DELETE bring about a state.
        request.isRepeatable = !changes.contains { $0.0 == .create }
        _ = try await service.xml(request, to: what)
    }

    /// POST /2013-04-01/hostedzone.
    func createZone(_ name: String) async throws(ProviderError) -> Zone {
        let document = XMLElement(
            "CreateHostedZoneRequest", ["xmlns": Self.namespace],
            [
                XMLElement("Name", text: name), XMLElement("CallerReference", text: EC2.clientToken()),
            ])
        var request = xml(.post, url("hostedzone"), document)
        // Its CallerReference makes a repeated one fail.
        request.isRepeatable = false
        let answer = try await service.xml(request, to: "create the DNS zone \(name)")
        guard let zone = answer.first("HostedZone").flatMap(Zone.init) else {
            throw ProviderError(.malformedReply, "create the DNS zone \(name): Route 53 does not name it")
        }
        return zone
    }

    /// DELETE /2013-04-01/hostedzone/ID.
    func deleteZone(_ id: String, to what: String) async throws(ProviderError) {
        _ = try await service.xml(HTTPRequest(.delete, url("hostedzone", id)), to: what)
    }

    private func xml(_ method: HTTPMethod, _ url: HTTPURL, _ document: XMLElement) -> HTTPRequest {
        HTTPRequest(
            method, url, headers: ["Content-Type": "text/xml; charset=utf-8"],
            body: .text("<?xml version='1.0' encoding='UTF-8'?>" + document.description))
    }
}

extension Route53.Zone {
    init?(_ xml: XMLElement) {
        guard let path = xml.text("Id"), let name = xml.text("Name") else { return nil }
        self.init(
            id: path.split(separator: "/").last.map(String.init) ?? path,
            name: Route53.unescaped(name.hasSuffix(".") ? String(name.dropLast()) : name),
            isPrivate: xml.text("Config/PrivateZone") == "true")
    }
}

extension Route53.RecordSet {
    init?(_ xml: XMLElement) {
        guard let name = xml.text("Name"), let type = xml.text("Type") else { return nil }
        let target = xml.first("AliasTarget")
        self.init(
            name: Route53.unescaped(name), type: type, ttl: xml.number("TTL"),
            values: xml.all("ResourceRecords/ResourceRecord").compactMap { $0.text("Value") },
            alias: target.map { target in
                Route53.Alias(
                    zone: target.text("HostedZoneId") ?? "", name: target.text("DNSName") ?? "",
                    evaluatesHealth: target.text("EvaluateTargetHealth") == "true")
            },
            hasPolicy: xml.first("SetIdentifier") != nil || xml.first("TrafficPolicyInstanceId") != nil)
    }

    /// As a change sends it, its parts in the order of the schema.
    var element: XMLElement {
        var parts = [XMLElement("Name", text: name), XMLElement("Type", text: type)]
        if let alias {
            parts.append(
                XMLElement(
                    "AliasTarget", [:],
                    [
                        XMLElement("HostedZoneId", text: alias.zone), XMLElement("DNSName", text: alias.name),
                        XMLElement("EvaluateTargetHealth", text: alias.evaluatesHealth ? "true" : "false"),
                    ]))
        } else {
            parts.append(XMLElement("TTL", text: String(ttl ?? Zones.standardTTL)))
            let records = values.map { XMLElement("ResourceRecord", [:], [XMLElement("Value", text: $0)]) }
            parts.append(XMLElement("ResourceRecords", [:], records))
        }
        return XMLElement("ResourceRecordSet", [:], parts)
    }
}

extension Route53 {
    /// A name as people write it: Route 53 gives unusual characters as `\052`, three octal digits.
    static func unescaped(_ name: String) -> String {
        guard name.contains("\\") else { return name }
        var bytes: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 0x5C, digits.count == 3, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
