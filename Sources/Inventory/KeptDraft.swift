import FoundationEssentials

/// A draft as a file of the state directory: its name is the file's, or stands in it where that would be too long.
struct KeptDraft {
    private struct Long: Codable {
        var name: String
        var draft: DraftStore.Draft
    }

    /// The draft's own name.
    let name: String
    /// What it holds.
    let draft: DraftStore.Draft

    /// Well below the 255 bytes of a name, since what replaces the file has a longer one meanwhile.
    private static let limit = 200
    /// No name is encoded so.
    private static let mark = "%~"

    init(_ name: String, _ draft: DraftStore.Draft) {
        self.name = name
        self.draft = draft
    }

    /// Reads one; nil for a file that is none.
    init?(_ data: Data, in file: String) {
        guard file.hasPrefix(Self.mark) else {
            guard let name = EntryName.decode(String(file.dropLast(5))),
                let draft = try? JSONDecoder().decode(DraftStore.Draft.self, from: data)
            else { return nil }
            self.init(name, draft)
            return
        }
        guard let long = try? JSONDecoder().decode(Long.self, from: data) else { return nil }
        self.init(long.name, long.draft)
    }

    /// The content of its file.
    func encoded() throws -> Data {
        guard Self.fileName(of: name).hasPrefix(Self.mark) else { return try JSONEncoder().encode(draft) }
        return try JSONEncoder().encode(Long(name: name, draft: draft))
    }

    /// The name of its file: `NAME.json`, or two numbers made of the name behind the mark.
    static func fileName(of name: String) -> String {
        let encoded = EntryName.encode(name)
        guard encoded.utf8.count > limit else { return "\(encoded).json" }
        let numbers = [1, 2].map { salt in
            var fingerprint = Fingerprint()
            fingerprint.add(salt)
            fingerprint.add(encoded)
            return fingerprint.value
        }
        return mark + numbers.map { String($0, radix: 36) }.joined(separator: "-") + ".json"
    }
}
