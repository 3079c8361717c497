import Inventory
import ProviderAPI

/// Stable inode numbers: the same for the same thing across refreshes, remounts and machines.
enum Identity {
    /// The fingerprint of the parts, then mixed (the finaliser of MurmurHash3), so that the low bits are as good as the
    /// high ones. Never 0 or 1, which FUSE keeps for nothing and for the root.
    static func inode(_ parts: String...) -> UInt64 {
        var fingerprint = Fingerprint()
        for part in parts { fingerprint.add(part) }
        var hash = fingerprint.value
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        hash = hash &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return hash < 2 ? hash + 2 : hash
    }

    /// Of a resource (`attribute` empty) or of something below it.
    static func inode(_ provider: String, _ kind: Kind, _ id: String, _ attribute: String) -> UInt64 {
        inode("resource", provider, kind.rawValue, id, attribute)
    }

    /// Of what is at a path in a bucket.
    static func inode(object path: [String], of bucket: String, _ provider: String) -> UInt64 {
        inode("object", provider, bucket, path.joined(separator: "/"))
    }

    /// Of a path that no resource owns.
    static func inode(path: String) -> UInt64 { inode("path", path) }
}
