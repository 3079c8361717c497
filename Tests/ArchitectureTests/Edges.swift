/// What each target may import: the layers, downwards only.
enum Edges {
    /// The machine's own modules, which every layer may use but for the centre.
    static let system: Set<String> = ["Glibc", "Synchronization", "Dispatch", "FoundationEssentials"]

    /// The C libraries, each with the only targets that may touch it.
    static let owners: [String: Set<String>] = [
        "CFUSE": ["FUSEKit"], "CGuard": ["FUSEKit"], "CLibvirt": ["LibvirtKit"], "CCurl": ["HTTPKit"],
        "CYAML": ["YAMLKit"], "CExpat": ["XMLKit"], "CLZMA": ["CompressionKit"], "CZlib": ["CompressionKit"],
        "CZstd": ["CompressionKit"],
        "CLinux": ["infrafs"],
    ]

    private static let layers: [String: Set<String>] = [
        "infrafs": [
            "MountBridge", "Tree", "Inventory", "ObjectStore", "ProviderAPI", "Settings", "CLinux", "ArgumentParser",
            "Logging",
        ],
        "MountBridge": ["Tree", "Inventory", "ProviderAPI", "FUSEKit", "Logging", "SystemPackage"],
        "Tree": ["Inventory", "ObjectStore", "ProviderAPI", "YAMLKit", "Logging"],
        "Inventory": ["ProviderAPI", "Logging", "OrderedCollections", "DequeModule"],
        "ObjectStore": ["ProviderAPI", "OrderedCollections", "DequeModule"],
        "CloudInit": ["ProviderAPI", "YAMLKit"],
        "Settings": ["ProviderAPI", "ProcessKit", "YAMLKit"],
        "ProcessKit": [],
        "ProviderKit": ["ProviderAPI"],
        "HTTPProvider": ["ProviderAPI", "HTTPKit", "XMLKit"],
        "AWSSigning": ["HTTPKit", "Crypto"],
        "FUSEKit": ["CFUSE", "CGuard", "SystemPackage"],
        "LibvirtKit": ["CLibvirt"],
        "HTTPKit": ["CCurl", "DequeModule"],
        "YAMLKit": ["CYAML"],
        "XMLKit": ["CExpat"],
        "CompressionKit": ["CLZMA", "CZlib", "CZstd"],
    ]

    /// What any provider may know: the centre and the kits, never another layer nor another provider.
    private static let provider: Set<String> = [
        "ProviderAPI", "ProviderKit", "CloudInit", "HTTPProvider", "AWSSigning", "LibvirtKit", "HTTPKit",
        "CompressionKit", "ProcessKit", "Crypto", "Logging", "XMLKit", "YAMLKit", "OrderedCollections", "DequeModule",
    ]

    /// The target that a source file belongs to: `Providers/NAME`, or the folder below `Sources`.
    static func target(of components: [String]) -> String {
        guard components.count > 2 else { return components.first ?? "" }
        return components[1] == "Providers" && components.count > 3 ? "Providers/\(components[2])" : components[1]
    }

    /// Why a target may not import a module; nil where it may.
    static func objection(to module: String, in target: String, providers: Set<String>) -> String? {
        if let owners = owners[module], !owners.contains(target) {
            return "only \(owners.sorted().joined(separator: ", ")) may import \(module)"
        }
        if target == "ProviderAPI" { return "ProviderAPI imports nothing but the standard library" }
        if system.contains(module) { return nil }
        if target.hasPrefix("Providers/") {
            return provider.contains(module) ? nil : "a provider may not know \(module)"
        }
        guard let allowed = layers[target] else { return "\(target) is no layer: add it to the table of edges" }
        if target == "infrafs", providers.contains(module) { return nil }
        return allowed.contains(module) ? nil : "\(target) may not know \(module)"
    }
}
