import ProviderAPI

/// The patterns of `protect`: `COLLECTION/NAME`, each a shell pattern. One that can never match protects nothing, so it
/// is refused.
enum ProtectionPattern {
    /// What is wrong with one; nil where nothing is.
    static func fault(in pattern: String) -> String? {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        // An unclosed bracket that matched itself would protect nothing.
        guard let collection = Glob(String(parts[0])), Glob(pattern) != nil else {
            return "has an impossible pattern '\(pattern)': write it as vms/prod-* or vms/db[12]"
        }
        guard parts.count == 2, !parts[1].isEmpty, Kind.allCases.contains(where: { collection.matches($0.rawValue) })
        else {
            return "has a pattern that fits no resource, '\(pattern)': write COLLECTION/NAME, such as vms/prod-*"
        }
        return nil
    }
}
