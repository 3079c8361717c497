import Glibc
import ProviderAPI

/// The patterns of `protect`: `COLLECTION/NAME`, each a shell pattern. One that can never match protects nothing, so it
/// is refused.
enum ProtectionPattern {
    /// What is wrong with one; nil where nothing is.
    static func fault(in pattern: String) -> String? {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        guard isClosed(pattern) else {
            return "has an impossible pattern '\(pattern)': write it as vms/prod-* or vms/db[12]"
        }
        guard parts.count == 2, !parts[1].isEmpty, Kind.allCases.contains(where: { fits(String(parts[0]), $0) }) else {
            return "has a pattern that fits no resource, '\(pattern)': write COLLECTION/NAME, such as vms/prod-*"
        }
        return nil
    }

    private static func fits(_ pattern: String, _ kind: Kind) -> Bool {
        fnmatch(pattern, kind.rawValue, 0) == 0
    }

    /// Matchers take an unclosed bracket for itself, so a slip would protect nothing.
    private static func isClosed(_ pattern: String) -> Bool {
        var characters = Array(pattern)[...]
        while let first = characters.popFirst() {
            if first == "\\" {
                guard characters.popFirst() != nil else { return false }
            } else if first == "[" {
                if characters.first == "!" || characters.first == "^" { characters.removeFirst() }
                guard let end = characters.dropFirst().firstIndex(of: "]") else { return false }
                characters = characters[(end + 1)...]
            }
        }
        return true
    }
}
