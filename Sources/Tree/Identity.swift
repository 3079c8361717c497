import ProviderAPI

/// Stable inode numbers: the same for the same thing across refreshes, remounts and machines.
enum Identity {
    /// FNV-1a over the parts with a separator between them, then mixed (the finaliser of MurmurHash3), so that the low bits
    /// are as good as the high ones. Never 0 or 1, which FUSE keeps for nothing and for the root.
    static func inode(_ parts: String...) -> UInt64 {
        var hash = offsetBasis
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* prime }
            hash = (hash ^ 0xff) &* prime
        }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        hash = hash &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return hash < 2 ? hash + 2 : hash
    }

    private static let offsetBasis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01b3

    /// FNV-1a of some bytes, to tell whether they changed.
    static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(offsetBasis) { ($0 ^ UInt64($1)) &* prime }
    }

    /// Of a resource (`attribute` empty) or of something below it.
    static func inode(_ provider: String, _ kind: Kind, _ id: String, _ attribute: String) -> UInt64 {
        inode("resource", provider, kind.rawValue, id, attribute)
    }

    /// Of a path that no resource owns.
    static func inode(path: String) -> UInt64 { inode("path", path) }
}
