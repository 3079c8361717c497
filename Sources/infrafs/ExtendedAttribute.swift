import CLinux
import Glibc

/// Extended attributes, xattr(7).
enum ExtendedAttribute {
    /// One as text; nil, with errno set, where it cannot be read.
    static func read(_ name: String, of path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = getxattr(path, name, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
