import ProviderAPI

/// A bucket with its objects.
struct BucketRecord: Shelved {
    /// An object with its content.
    struct Stored: Sendable {
        enum Content: Sendable {
            case bytes([UInt8])
            /// Bytes that derive from a seed.
            case generated(seed: UInt64)
        }

        var info: ObjectInfo
        var content: Content
        var isPublic = false

        /// Bytes that are kept for it.
        var keptBytes: Int {
            guard case .bytes(let bytes) = content else { return 0 }
            return bytes.count
        }

        func read(offset: Int, count: Int) -> [UInt8] {
            guard offset < info.size else { return [] }
            let end = offset + min(count, info.size - offset)
            switch content {
            case .bytes(let bytes): return Array(bytes[offset..<end])
            case .generated(let seed):
                return [UInt8](unsafeUninitializedCapacity: end - offset) { buffer, filled in
                    let part = UnsafeMutableBufferPointer(rebasing: buffer[0..<end - offset])
                    SparseContent.generate(into: part, seed: seed, offset: offset)
                    filled = end - offset
                }
            }
        }
    }

    static let pageLength = 1000

    var facts: Bucket
    var isPublic: Bool {
        get { facts.isPublic ?? false }
        set { facts.isPublic = newValue }
    }
    private(set) var objects: [ByteText: Stored] = [:]
    /// In byte order.
    private var keys: [ByteText] = []

    init(facts: Bucket) {
        self.facts = facts
        self.facts.isPublic = facts.isPublic ?? false
    }

    subscript(key: String) -> Stored? { objects[ByteText(key)] }

    /// Puts an object where it may already be; returns how many more bytes are kept.
    mutating func put(_ object: Stored) -> Int {
        let key = ByteText(object.info.key)
        let before = objects.updateValue(object, forKey: key)
        if before == nil { keys.insert(key, at: place(of: key)) }
        return object.keptBytes - (before?.keptBytes ?? 0)
    }

    /// Takes an object away; returns how many bytes were kept for it, nil where there was none.
    mutating func remove(_ name: String) -> Int? {
        let key = ByteText(name)
        guard let object = objects.removeValue(forKey: key) else { return nil }
        keys.remove(at: place(of: key))
        return object.keptBytes
    }

    /// Gives an object another time; nil where there is none.
    mutating func setModificationTime(_ seconds: Int, _ key: String) -> ObjectInfo? {
        objects[ByteText(key)]?.info.modificationTime = seconds
        return objects[ByteText(key)]?.info
    }

    mutating func setPublic(_ isPublic: Bool, _ key: String) -> Bool {
        guard objects[ByteText(key)] != nil else { return false }
        objects[ByteText(key)]?.info.isPublic = isPublic
        return true
    }

    /// One page of what is directly below a prefix. The token is the last key or common prefix of the page before.
    func page(prefix: String, after token: String?, limit: Int) -> ObjectPage {
        var page = ObjectPage(objects: [], prefixes: [])
        var last: String?
        var at = place(of: ByteText(token ?? prefix))
        if let token { at = skip(token, from: at, prefix: prefix) }
        while at < keys.count, keys[at].text.utf8.starts(with: prefix.utf8) {
            if page.objects.count + page.prefixes.count == limit {
                page.next = last
                return page
            }
            let name = keys[at].text
            if let common = Self.common(name, below: prefix) {
                page.prefixes.append(common)
                last = common
                at = skip(common, from: at, prefix: prefix)
            } else {
                if let object = objects[keys[at]] { page.objects.append(object.info) }
                last = name
                at += 1
            }
        }
        return page
    }

    private func skip(_ token: String, from start: Int, prefix: String) -> Int {
        var at = start
        let isPrefix = Self.common(token, below: prefix) == token
        while at < keys.count {
            let key = keys[at].text
            guard isPrefix ? key.utf8.starts(with: token.utf8) : ByteText(key) <= ByteText(token) else { break }
            at += 1
        }
        return at
    }

    /// `prefix` and the next part with its `/`, where a key has one.
    private static func common(_ key: String, below prefix: String) -> String? {
        let rest = key.utf8.dropFirst(prefix.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(key[...slash])
    }

    private func place(of key: ByteText) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A fingerprint of content: 128 bits, in hexadecimal. It tells versions apart; it is no defence against forgery.
enum Fingerprint {
    static func of(_ bytes: [UInt8]) -> String {
        var first: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F
        bytes.withUnsafeBytes { raw in
            let words = raw.count / 8
            for word in 0..<words {
                add(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)), &first, &second)
            }
            var rest: UInt64 = 0
            for byte in raw[(words * 8)...] { rest = rest << 8 | UInt64(byte) }
            add(rest, &first, &second)
        }
        return Randomness.hex(Randomness.mix(first), 16) + Randomness.hex(Randomness.mix(second ^ first), 16)
    }

    private static func add(_ word: UInt64, _ first: inout UInt64, _ second: inout UInt64) {
        first = (first ^ word) &* 0xFF51_AFD7_ED55_8CCD
        first ^= first >> 29
        second = (second &+ word) &* 0xC4CE_B9FE_1A85_EC53
        second ^= second >> 31
    }
}
