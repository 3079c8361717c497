/// A small deterministic generator (SplitMix64): one seed, one sequence, on every platform.
struct Randomness: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The finalizer of SplitMix64: spreads the bits of a number over all of its bits.
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A random UUID (RFC 9562, version 4), lower case.
    mutating func uuid() -> String {
        let high = (next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for (word, digits) in [(high >> 32, 8), (high >> 16, 4), (high, 4), (low >> 48, 4), (low, 12)] {
                if place > 0 {
                    buffer[place] = UInt8(ascii: "-")
                    place += 1
                }
                for digit in (0..<digits).reversed() {
                    buffer[place] = Self.digit(word >> UInt64(4 * digit))
                    place += 1
                }
            }
            return place
        }
    }

    /// That many random hexadecimal digits, up to 16.
    mutating func hex(_ count: Int) -> String {
        Self.hex(next(), count)
    }

    /// The lowest digits of a number, in hexadecimal.
    static func hex(_ word: UInt64, _ count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for place in 0..<count { buffer[place] = digit(word >> UInt64(4 * (count - 1 - place))) }
            return count
        }
    }

    /// A hardware address in the range that QEMU's own have.
    mutating func mac() -> String {
        let number = next()
        return "52:54:00:" + Self.hex(number >> 16, 2) + ":" + Self.hex(number >> 8, 2) + ":" + Self.hex(number, 2)
    }

    private static func digit(_ word: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: word & 15)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
