import Inventory
import ProviderAPI

extension ResourceSchema {
    /// What tells whether a resource prints the same as before.
    var identity: ContentIdentity<Item> {
        let listed = attributes.filter { !$0.isDetail }.compactMap(\.read)
        let details = attributes.filter(\.isDetail).compactMap(\.read)
        let groups = groups + (inline.map { [$0] } ?? [])
        let plain = Set(attributes.filter { !$0.isDetail }.map(\.name) + [""])
        return ContentIdentity(
            listed: { item in Self.fingerprint(listed, of: item).value },
            details: { item in
                var fingerprint = Self.fingerprint(details, of: item)
                for group in groups { fingerprint.add(group.value(of: item)) }
                return fingerprint.value
            },
            part: { path in
                if plain.contains(path) { return .listed }
                return path == "info" || path == "info.json" ? .whole : .details
            })
    }

    private static func fingerprint(_ reads: [@Sendable (Item) -> Value], of item: Item) -> Fingerprint {
        var fingerprint = Fingerprint()
        for read in reads { fingerprint.add(read(item)) }
        return fingerprint
    }
}
