/// How the platform's names become names of a directory, and back: `/`, control characters, `%`, a leading `.`, and
/// nothing else, are percent-encoded; the names `.` and `..` with them.
public enum EntryName {
    /// The longest name of a directory entry, in bytes.
    public static let limit = 255

    /// The name of a directory entry for a platform's name. An empty one is `%`.
    public static func encode(_ name: String) -> String {
        guard !name.isEmpty else { return "%" }
        guard needsEncoding(name) else { return name }
        var encoded = ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            if isPlain(scalar) && !(index == 0 && scalar == ".") {
                encoded.unicodeScalars.append(scalar)
            } else {
                for byte in String(scalar).utf8 { encoded += percent(byte) }
            }
        }
        return encoded
    }

    /// The platform's name for a name of a directory entry; nil where that is no encoding of anything.
    public static func decode(_ entry: String) -> String? {
        guard entry.utf8.contains(UInt8(ascii: "%")) else { return entry }
        if entry == "%" { return "" }
        var bytes: [UInt8] = []
        var rest = Array(entry.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func needsEncoding(_ name: String) -> Bool {
        name.utf8.first == UInt8(ascii: ".")
            || name.unicodeScalars.contains { !isPlain($0) }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "/" && scalar != "%" && !isControl(scalar)
    }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }

    static func percent(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "%0" + digits : "%" + digits
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The entry names of resources: `NAME`, or `NAME~ID` for each of those that share one. A name that is as another's
    /// `NAME~ID` gets its own id after it, and so on, until each has a name of its own.
    static func unique<ID: Hashable>(_ resources: some Sequence<(id: ID, name: String, key: String)>) -> [ID: String] {
        assign(resources).names
    }

    /// The same, with every name that more than one could have had on the way: what has none of those is named by itself.
    static func assign<ID: Hashable>(
        _ resources: some Sequence<(id: ID, name: String, key: String)>
    ) -> (names: [ID: String], contested: Set<String>) {
        var contested: Set<String> = []
        var entries = resources.map { resource in
            (id: resource.id, key: resource.key, name: fitting(encode(resource.name), key: resource.key), ids: 0)
        }
        // A few rounds at most: each one lengthens a name that is shared.
        for _ in 0..<16 {
            var owners: [String: [Int]] = [:]
            owners.reserveCapacity(entries.count)
            for (index, entry) in entries.enumerated() { owners[entry.name, default: []].append(index) }
            guard owners.count < entries.count else { break }
            for (name, sharers) in owners where sharers.count > 1 {
                contested.insert(name)
                let fewest = sharers.map { entries[$0].ids }.min()
                for index in sharers where entries[index].ids == fewest {
                    entries[index].name = told(entries[index].name, by: entries[index].key)
                    entries[index].ids += 1
                }
            }
        }
        return (Dictionary(entries.map { ($0.id, $0.name) }) { $1 }, contested)
    }

    /// The name that nobody else has a claim to.
    static func plain(_ name: String, key: String) -> String { fitting(encode(name), key: key) }

    private static func fitting(_ name: String, key: String) -> String {
        name.utf8.count <= limit ? name : told(name, by: key)
    }

    /// A name told apart by the id, cut where both do not fit.
    private static func told(_ name: String, by key: String) -> String {
        let suffix = "~" + encode(key)
        var name = name
        while !name.isEmpty, name.utf8.count + suffix.utf8.count > limit { name.removeLast() }
        return name + suffix
    }
}
