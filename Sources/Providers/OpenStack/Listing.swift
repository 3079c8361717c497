import HTTPKit
import ProviderAPI

/// An entry of a listing: what was expected, or what can be told of one that makes no sense. One odd entry does not take
/// the others with it.
enum Listed<Payload: Decodable & Sendable>: Decodable, Sendable {
    case payload(Payload)
    case odd(id: String, name: String, reason: String)

    private struct Identity: Decodable {
        var id: String?
        var name: String?
    }

    init(from decoder: any Decoder) throws {
        do {
            self = .payload(try Payload(from: decoder))
        } catch {
            let identity = try? Identity(from: decoder)
            // What has no identity cannot be shown: the listing is not to be trusted.
            guard let id = identity?.id else { throw error }
            self = .odd(id: id, name: identity?.name ?? id, reason: "its entry in the listing is malformed")
        }
    }

    var payload: Payload? {
        guard case .payload(let payload) = self else { return nil }
        return payload
    }
}

/// One page of a listing, whatever the service calls it, with the marker of the next one.
struct ListingPage<Payload: Decodable & Sendable>: Decodable, Sendable {
    var entries: [Listed<Payload>]
    /// The `marker` of the next page's address; nil on the last.
    var marker: String?

    private struct Link: Decodable {
        var rel: String
        var href: String
    }

    private struct Links: Decodable {
        var next: String?
    }

    init(from decoder: any Decoder) throws {
        let name = WrappedName.of(decoder)
        let container = try decoder.container(keyedBy: WrappedName.self)
        entries = try container.decode([Listed<Payload>].self, forKey: WrappedName(stringValue: name))
        // Nova, Cinder and Neutron give `NAME_links`, Designate `links`, Glance `next`.
        let links = try? container.decodeIfPresent([Link].self, forKey: WrappedName(stringValue: "\(name)_links"))
        let next =
            links?.first { $0.rel == "next" }?.href
            ?? (try? container.decodeIfPresent(Links.self, forKey: WrappedName(stringValue: "links")))?.next
            ?? (try? container.decodeIfPresent(String.self, forKey: WrappedName(stringValue: "next")))
        marker = next.flatMap(Self.marker)
    }

    /// The marker alone is taken from the address: behind a proxy its host and scheme are often wrong.
    private static func marker(in address: String) -> String? {
        guard let query = address.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == "marker" { return PercentEncoding.decode(String(parts[1])) }
        }
        return nil
    }
}

/// A document in an object that holds nothing else of use: `{"server": {...}}`.
struct Envelope<Payload: Decodable & Sendable>: Decodable, Sendable {
    let payload: Payload

    init(from decoder: any Decoder) throws {
        let name = WrappedName.of(decoder)
        payload = try decoder.container(keyedBy: WrappedName.self).decode(
            Payload.self, forKey: WrappedName(stringValue: name))
    }
}

/// The name under which an answer keeps what was asked for; a decoder is told it.
struct WrappedName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }

    /// The key under which a decoder keeps it.
    static let key = CodingUserInfoKey(rawValue: "collection")

    static func of(_ decoder: any Decoder) -> String {
        key.flatMap { decoder.userInfo[$0] as? String } ?? ""
    }
}

extension Cloud {
    /// The one that a text means, by its id or, where no other has it, by its name; `invalidValue` where there is none, told
    /// by `missing`, and where several have the name.
    static func one<Payload>(
        of all: [Payload], named text: String, _ parameter: String, missing: @autoclosure () -> String,
        by identity: (Payload) -> (id: String, name: String?)
    ) throws(ProviderError) -> Payload {
        if let payload = all.first(where: { identity($0).id == text }) { return payload }
        let named = all.filter { identity($0).name == text }
        guard let payload = named.first else {
            throw ProviderError(.invalidValue, "\(parameter): \(missing())")
        }
        guard named.count == 1 else {
            throw ProviderError(.invalidValue, "\(parameter): \(named.count) are called \(text): give the id of one")
        }
        return payload
    }
}
