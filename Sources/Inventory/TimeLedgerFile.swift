import FoundationEssentials
import Glibc

/// The lines of a ledger of times, in order of key, as one text:
///
///     infrafs-times 1 SINCE LENGTH CHECKSUM
///     KEY SUBJECT LISTED DETAILS BASE DETAILBASE[<tab>PATH=TIME...]
///     ...
///     KEY
///
/// Numbers are hexadecimal, keys of sixteen digits. The lines that are nothing but a key come after LENGTH bytes and
/// strike out that key. A line is read when it is asked for, by bisection.
struct TimeLedgerFile: Sendable {
    /// When the first mount began.
    let since: Int64
    /// The keys that are struck out.
    let struck: Set<UInt64>
    private let body: Data

    /// Why a file cannot be read.
    struct Damage: Error, CustomStringConvertible {
        let description: String
    }

    /// A file with nothing in it.
    init(since: Int64) {
        (self.since, struck, body) = (since, [], Data())
    }

    /// What is at a path; nil where there is nothing. A file that was cut or altered is refused as a whole.
    init?(reading path: String) throws {
        guard access(path, F_OK) == 0 else { return nil }
        let data = try Data(contentsOf: URL(filePath: path))
        guard let end = data.firstIndex(of: UInt8(ascii: "\n")) else {
            throw Damage(description: "it has no first line")
        }
        let words = String(decoding: data[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 5, words[0] == "infrafs-times", words[1] == "1", let since = Int64(words[2], radix: 16),
            let length = Int(words[3], radix: 16), let checksum = UInt64(words[4], radix: 16)
        else { throw Damage(description: "its first line is not one of ours") }
        guard length >= 0, length <= data.count - end - 1 else { throw Damage(description: "it is cut short") }
        body = data[(end + 1)..<(end + 1 + length)]
        guard Self.checksum(body) == checksum else { throw Damage(description: "its checksum is wrong") }
        // A daemon that was killed may have left half of the last one, which is of no use.
        let rest = String(decoding: data[(end + 1 + length)...], as: UTF8.self)
        struck = Set(rest.split(separator: "\n").compactMap { $0.utf8.count == 16 ? UInt64($0, radix: 16) : nil })
        self.since = since
    }

    // MARK: Lines

    /// What is said of a key; nil where nothing is, or nothing that can be read.
    func entry(_ key: UInt64) -> TimeLedger.Entry? {
        line(key).flatMap { Self.entry(of: $0) }
    }

    private func line(_ key: UInt64) -> String? {
        body.withUnsafeBytes { bytes in
            var range = 0..<bytes.count
            while !range.isEmpty {
                let line = Self.line(of: bytes, at: range.lowerBound + range.count / 2)
                guard let found = Self.key(of: bytes[line]) else { return nil }
                if found == key { return String(decoding: bytes[line], as: UTF8.self) }
                range =
                    found < key
                    ? min(line.upperBound + 1, range.upperBound)..<range.upperBound : range.lowerBound..<line.lowerBound
            }
            return nil
        }
    }

    /// The line that a position is in, without its newline.
    private static func line(of bytes: UnsafeRawBufferPointer, at position: Int) -> Range<Int> {
        let newline = UInt8(ascii: "\n")
        var (start, end) = (position, position)
        while start > 0, bytes[start - 1] != newline { start -= 1 }
        while end < bytes.count, bytes[end] != newline { end += 1 }
        return start..<end
    }

    /// The sixteen digits that a line begins with.
    private static func key(of line: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        guard line.count >= 16 else { return nil }
        var key: UInt64 = 0
        for byte in line.prefix(16) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): key = key << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): key = key << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return key
    }

    private static func entry(of line: String) -> TimeLedger.Entry? {
        let fields = line.split(separator: "\t")
        let words = fields.first?.split(separator: " ") ?? []
        guard words.count == 6, let listed = UInt64(words[2], radix: 16), let details = UInt64(words[3], radix: 16),
            let base = Int64(words[4], radix: 16), let detailBase = Int64(words[5], radix: 16)
        else { return nil }
        var entry = TimeLedger.Entry(listed: listed, details: details, base: base, detailBase: detailBase)
        for field in fields.dropFirst() {
            guard let sign = field.lastIndex(of: "="), let time = Int64(field[field.index(after: sign)...], radix: 16)
            else { return nil }
            entry.changed[String(field[..<sign])] = time
        }
        return entry
    }

    private static func text(_ key: UInt64, _ subject: String, _ entry: TimeLedger.Entry) -> String {
        let numbers = [
            String(entry.listed, radix: 16), String(entry.details, radix: 16), String(entry.base, radix: 16),
            String(entry.detailBase, radix: 16),
        ]
        let changed = entry.changed.sorted { $0.key < $1.key }.map { "\t\($0.key)=\(String($0.value, radix: 16))" }
        return "\(digits(key)) \(subject) \(numbers.joined(separator: " "))\(changed.joined())\n"
    }

    private static func digits(_ key: UInt64) -> String {
        let digits = String(key, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Merging

    /// What has been told now, and of the old lines those that nobody has anything newer for.
    init(
        merging accounts: [TimeLedger.Account], into old: TimeLedgerFile, without struck: Set<UInt64>, limit: Int
    ) {
        // First the old bytes, then the new: a line is a part of them.
        var (text, lines) = ([UInt8](old.body), [(key: UInt64, range: Range<Int>)]())
        let bySubject = Dictionary(accounts.map { (Array($0.subject.utf8), $0) }) { first, _ in first }
        old.body.withUnsafeBytes { bytes in
            var next = 0
            while next < bytes.count {
                let line = Self.line(of: bytes, at: next)
                next = line.upperBound + 1
                guard let key = Self.key(of: bytes[line]), !struck.contains(key),
                    let account = bySubject[Array(bytes[line].dropFirst(17).prefix { $0 != UInt8(ascii: " ") })],
                    account.entries[key] == nil, account.untold?.contains(key) ?? true
                else { continue }
                lines.append((key, line.lowerBound..<min(next, bytes.count)))
            }
        }
        for account in accounts {
            for (key, entry) in account.entries {
                let start = text.count
                text.append(contentsOf: Self.text(key, account.subject, entry).utf8)
                lines.append((key, start..<text.count))
            }
        }
        if lines.count > limit { lines.removeFirst(lines.count - limit) }
        lines.sort { $0.key < $1.key }
        var body = Data(capacity: lines.reduce(0) { $0 + $1.range.count })
        for line in lines { body.append(contentsOf: text[line.range]) }
        (since, self.struck, self.body) = (old.since, [], body)
    }

    private static func checksum(_ body: Data) -> UInt64 {
        var fingerprint = Fingerprint()
        body.withUnsafeBytes { fingerprint.add($0) }
        return fingerprint.value
    }

    // MARK: Writing

    /// Replaces the file at a path as a whole (rename(2)).
    func write(to path: String) throws {
        let head =
            "infrafs-times 1 \(String(since, radix: 16)) \(String(body.count, radix: 16)) "
            + "\(String(Self.checksum(body), radix: 16))\n"
        let new = "\(path).new"
        guard FileManager.default.createFile(atPath: new, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw Damage(description: "\(new): cannot be made: \(String(cString: strerror(errno)))")
        }
        try (Data(head.utf8) + body).write(to: URL(filePath: new))
        guard rename(new, path) == 0 else {
            throw Damage(description: "\(path): cannot be replaced: \(String(cString: strerror(errno)))")
        }
    }

    /// Strikes out keys in the file at a path, if there is one. Where that fails, so would a mount that reads it.
    static func strike(_ keys: [UInt64], at path: String) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        let bytes = Array(keys.map { digits($0) + "\n" }.joined().utf8)
        // A file that tells what is not so is worse than none.
        if Glibc.write(descriptor, bytes, bytes.count) != bytes.count { unlink(path) }
    }
}
