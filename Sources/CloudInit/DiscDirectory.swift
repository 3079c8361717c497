/// The root directory of a disc, in one of its two forms (ECMA-119 9.1, IEEE P1282, Joliet).
struct DiscDirectory: Sendable {
    /// Which names it has.
    enum Kind: Sendable {
        /// Short ones, with the long ones in Rock Ridge's fields.
        case rockRidge
        /// Long ones in UCS-2.
        case joliet
    }

    struct Entry: Sendable {
        var name: String
        var shortName: String
        var extent: Int
        var size: Int
    }

    let start: Int
    let sectors: Int
    let bytes: [UInt8]
    /// What the volume descriptor says of it.
    let ownRecord: [UInt8]

    init(_ kind: Kind, start: Int, entries: [Entry]) {
        self.start = start
        // The size of the directory is in its own first records: it is counted before it is written.
        let size = Self.content(kind, start: start, size: 0, entries: entries).count
        bytes = Self.content(kind, start: start, size: size, entries: entries)
        sectors = size / DiscImage.sector
        ownRecord = Self.record(name: [0], extent: start, size: size, isDirectory: true, system: [])
    }

    private static func content(_ kind: Kind, start: Int, size: Int, entries: [Entry]) -> [UInt8] {
        let isRock = kind == .rockRidge
        // SP says that Rock Ridge's fields are there, ER which: RRIP_1991A.
        let own = isRock ? sharing + attributes(mode: 0o040555, links: 2) + extensions : []
        let parent = isRock ? attributes(mode: 0o040555, links: 2) : []
        var records = [
            record(name: [0], extent: start, size: size, isDirectory: true, system: own),
            record(name: [1], extent: start, size: size, isDirectory: true, system: parent),
        ]
        for entry in entries {
            let name =
                isRock
                ? Array("\(entry.shortName).;1".utf8) : entry.name.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
            let system = isRock ? attributes(mode: 0o100444, links: 1) + nameField(entry.name) : []
            records.append(
                record(name: name, extent: entry.extent, size: entry.size, isDirectory: false, system: system))
        }
        var bytes: [UInt8] = []
        for record in records {
            // A record does not cross the end of a sector.
            let room = DiscImage.sector - bytes.count % DiscImage.sector
            if record.count > room { bytes += [UInt8](repeating: 0, count: room) }
            bytes += record
        }
        let rest = (DiscImage.sector - bytes.count % DiscImage.sector) % DiscImage.sector
        return bytes + [UInt8](repeating: 0, count: rest)
    }

    private static func record(name: [UInt8], extent: Int, size: Int, isDirectory: Bool, system: [UInt8]) -> [UInt8] {
        var record = DiscRecord()
        record.append(both32: extent)
        record.append(both32: size)
        record.append(zeros: 7)
        record.append([isDirectory ? 2 : 0, 0, 0])
        record.append(both16: 1)
        record.append([UInt8(name.count)] + name)
        if name.count.isMultiple(of: 2) { record.append(zeros: 1) }
        record.append(system)
        if !record.bytes.count.isMultiple(of: 2) { record.append(zeros: 1) }
        return [UInt8(record.bytes.count + 2), 0] + record.bytes
    }

    private static let sharing: [UInt8] = Array("SP".utf8) + [7, 1, 0xBE, 0xEF, 0]

    private static let extensions: [UInt8] = Array("ER".utf8) + [18, 1, 10, 0, 0, 1] + Array("RRIP_1991A".utf8)

    private static func attributes(mode: Int, links: Int) -> [UInt8] {
        var record = DiscRecord()
        record.append(Array("PX".utf8) + [36, 1])
        for value in [mode, links, 0, 0] { record.append(both32: value) }
        return record.bytes
    }

    private static func nameField(_ name: String) -> [UInt8] {
        Array("NM".utf8) + [UInt8(5 + name.utf8.count), 1, 0] + Array(name.utf8)
    }

    /// Names of eight capital letters, digits and underscores, no two alike.
    static func shortNames(of names: [String]) -> [String] {
        var used: Set<String> = []
        return names.map { name in
            let letters = name.uppercased().unicodeScalars.map { scalar -> Character in
                let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                return isPlain ? Character(scalar) : "_"
            }
            var short = String(letters.prefix(8))
            var number = 1
            while !used.insert(short).inserted {
                short = String(letters.prefix(7 - "\(number)".count)) + "_\(number)"
                number += 1
            }
            return short
        }
    }
}

/// Bytes of a disc's structures, with numbers in the orders of bytes that ECMA-119 wants.
struct DiscRecord {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: [UInt8]) { bytes += more }

    mutating func append(zeros count: Int) { bytes += [UInt8](repeating: 0, count: count) }

    mutating func append(little32 value: Int) { bytes += (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }

    mutating func append(big32 value: Int) { bytes += (0..<4).reversed().map { UInt8(value >> ($0 * 8) & 255) } }

    mutating func append(both32 value: Int) {
        append(little32: value)
        append(big32: value)
    }

    mutating func append(both16 value: Int) {
        bytes += [UInt8(value & 255), UInt8(value >> 8 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    /// Text filled up with spaces.
    mutating func append(text: String, length: Int, _ kind: DiscDirectory.Kind) {
        let units: [UInt8]
        switch kind {
        case .rockRidge: units = Array(text.utf8) + [UInt8](repeating: 0x20, count: length)
        case .joliet:
            let padding = (0..<length / 2).flatMap { _ in [0, 0x20] as [UInt8] }
            units = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } + padding + [0]
        }
        bytes += units.prefix(length)
    }
}
