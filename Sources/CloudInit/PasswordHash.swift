/// A password as /etc/shadow keeps it, so that what a guest is given cannot be read as the password: crypt(5), method
/// SHA-512 with its 5000 rounds.
enum PasswordHash {
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let rounds = 5000

    /// The hash of a password; a text that is a hash already (`$6$...`) stays as it is.
    static func hash(_ password: String) -> String {
        if isHash(password) { return password }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in alphabet[Int(generator.next(upperBound: UInt8(64)))] }
        return hash(password, salt: String(decoding: salt, as: UTF8.self))
    }

    /// `$METHOD$SALT$HASH`
    static func isHash(_ text: String) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        return parts.count >= 4 && parts[0].isEmpty
            && ["1", "5", "6", "y", "2a", "2b", "2y", "7", "gy"].contains(parts[1])
    }

    /// The hash with a salt of at most 16 characters.
    static func hash(_ password: String, salt: String) -> String {
        let (key, salt) = (Array(password.utf8), Array(salt.utf8.prefix(16)))
        let (keys, salts) = sequences(key, salt)
        var digest = first(key, salt)
        for round in 0..<rounds {
            var input = round.isMultiple(of: 2) ? digest : keys
            if !round.isMultiple(of: 3) { input += salts }
            if !round.isMultiple(of: 7) { input += keys }
            digest = SHA512.digest(input + (round.isMultiple(of: 2) ? keys : digest))
        }
        return "$6$" + String(decoding: salt, as: UTF8.self) + "$" + encode(digest)
    }

    private static func first(_ key: [UInt8], _ salt: [UInt8]) -> [UInt8] {
        let other = SHA512.digest(key + salt + key)
        var input = key + salt + repeated(other, key.count)
        var bits = key.count
        while bits > 0 {
            input += bits & 1 == 1 ? other : key
            bits >>= 1
        }
        return SHA512.digest(input)
    }

    /// The bytes that stand for key and salt in every round.
    private static func sequences(_ key: [UInt8], _ salt: [UInt8]) -> (keys: [UInt8], salts: [UInt8]) {
        let keys = SHA512.digest([[UInt8]](repeating: key, count: key.count).flatMap { $0 })
        let count = 16 + Int(first(key, salt)[0])
        let salts = SHA512.digest([[UInt8]](repeating: salt, count: count).flatMap { $0 })
        return (repeated(keys, key.count), repeated(salts, salt.count))
    }

    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        (0..<count).map { bytes[$0 % bytes.count] }
    }

    /// Three bytes as four letters, the bytes taken in the order of the method.
    private static func encode(_ digest: [UInt8]) -> String {
        var letters: [UInt8] = []
        func add(_ value: Int, _ count: Int) {
            for shift in 0..<count { letters.append(alphabet[value >> (shift * 6) & 63]) }
        }
        for index in 0..<21 {
            let triple = [index, index + 21, index + 42].map { Int(digest[$0]) }
            let turn = index % 3
            add(triple[turn] << 16 | triple[(turn + 1) % 3] << 8 | triple[(turn + 2) % 3], 4)
        }
        add(Int(digest[63]), 2)
        return String(decoding: letters, as: UTF8.self)
    }
}
