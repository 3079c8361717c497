// swift-tools-version: 6.1
import PackageDescription

/// Every target is built in the Swift 6 language mode, with imports and existentials spelled out and no warning left.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-warnings-as-errors"]),
]

let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let ordered = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "infrafs",
    products: [.executable(name: "infrafs", targets: ["infrafs"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    ],
    targets: [
        // The program: commands, configuration, registration of the providers.
        .executableTarget(
            name: "infrafs",
            dependencies: [
                "MountBridge", "Tree", "Inventory", "ObjectStore", "ProviderAPI", "Settings", "FakeProvider",
                "AWSProvider", "LibvirtProvider", "OpenStackProvider", "CLinux", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The layers: each knows only those below it.
        .target(
            name: "MountBridge", dependencies: ["Tree", "ProviderAPI", "FUSEKit", logging, system],
            swiftSettings: strict),
        .target(
            name: "Tree", dependencies: ["Inventory", "ObjectStore", "ProviderAPI", "YAMLKit"],
            swiftSettings: strict),
        .target(name: "ObjectStore", dependencies: ["ProviderAPI", deque, ordered], swiftSettings: strict),
        .target(name: "Inventory", dependencies: ["ProviderAPI", logging], swiftSettings: strict),
        .target(name: "Settings", dependencies: ["ProviderAPI", "ProcessKit", "YAMLKit"], swiftSettings: strict),
        .target(name: "CloudInit", dependencies: ["ProviderAPI", "YAMLKit"], swiftSettings: strict),
        .target(name: "ProviderAPI", swiftSettings: strict),

        // The providers: one target each, none knows another.
        .target(
            name: "FakeProvider", dependencies: ["ProviderAPI"], path: "Sources/Providers/Fake",
            swiftSettings: strict),
        .target(
            name: "LibvirtProvider",
            dependencies: [
                "ProviderAPI", "ProviderKit", "CloudInit", "LibvirtKit", "CompressionKit", "HTTPKit", "XMLKit",
                crypto, logging,
            ],
            path: "Sources/Providers/Libvirt", swiftSettings: strict),
        .target(
            name: "OpenStackProvider",
            dependencies: [
                "ProviderAPI", "ProviderKit", "CloudInit", "HTTPProvider", "HTTPKit", "YAMLKit", crypto, ordered,
            ],
            path: "Sources/Providers/OpenStack", swiftSettings: strict),

        .target(
            name: "AWSProvider",
            dependencies: [
                "ProviderAPI", "ProviderKit", "HTTPProvider", "HTTPKit", "AWSSigning", "CloudInit", "ProcessKit",
                "XMLKit", ordered, logging,
            ], path: "Sources/Providers/AWS", swiftSettings: strict),

        // What providers share.
        .target(name: "ProviderKit", dependencies: ["ProviderAPI"], swiftSettings: strict),
        .target(name: "HTTPProvider", dependencies: ["ProviderAPI", "HTTPKit", "XMLKit"], swiftSettings: strict),
        .target(name: "AWSSigning", dependencies: ["HTTPKit", crypto], swiftSettings: strict),

        // Other programs, by the C library.
        .target(name: "ProcessKit", swiftSettings: strict),

        // Safe Swift over one C library each.
        .target(name: "FUSEKit", dependencies: ["CFUSE", "CGuard", system], swiftSettings: strict),
        .target(name: "HTTPKit", dependencies: ["CCurl", deque], swiftSettings: strict),
        .target(name: "LibvirtKit", dependencies: ["CLibvirt"], swiftSettings: strict),
        .target(name: "XMLKit", dependencies: ["CExpat"], swiftSettings: strict),
        .target(name: "CompressionKit", dependencies: ["CLZMA", "CZlib", "CZstd"], swiftSettings: strict),
        .target(name: "YAMLKit", dependencies: ["CYAML"], swiftSettings: strict),

        // The C libraries: module maps and shims, nothing else.
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CFUSE", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .systemLibrary(name: "CLibvirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),

        // A process that is forked, which Swift cannot be trusted to do: it ends the connection of a killed daemon.
        .target(name: "CGuard"),

        // The benchmark, and the least that a C file system can be: what it measures by.
        .executableTarget(name: "infrafs-yardstick", dependencies: ["CFUSE"], path: "Tests/Benchmarks/Yardstick"),
        .executableTarget(
            name: "infrafs-benchmark",
            dependencies: ["CLinux", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Benchmarks/Program", swiftSettings: strict),

        // The tests, beside what they test.
        .target(
            name: "ProviderTesting", dependencies: ["Tree", "Inventory", "ProviderAPI", logging],
            path: "Tests/ProviderTesting", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "ProviderTesting", "Tree", "Inventory", "ProviderAPI", "AWSProvider", "FakeProvider",
                "LibvirtProvider", "OpenStackProvider", "OpenStackTesting", "infrafs",
            ], swiftSettings: strict),
        .testTarget(
            name: "TreeTests", dependencies: ["ProviderTesting", "Tree", "Inventory", "ProviderAPI", "YAMLKit"],
            swiftSettings: strict),
        .testTarget(
            name: "InventoryTests", dependencies: ["ProviderTesting", "Tree", "Inventory", "ProviderAPI", logging],
            swiftSettings: strict),
        .testTarget(name: "ProviderAPITests", dependencies: ["ProviderAPI"], swiftSettings: strict),
        .testTarget(
            name: "CloudInitTests", dependencies: ["CloudInit", "ProviderAPI", "YAMLKit"], swiftSettings: strict),
        .target(name: "HTTPTesting", path: "Tests/HTTPTesting", swiftSettings: strict),
        .target(
            name: "OpenStackTesting", dependencies: ["HTTPTesting", crypto], path: "Tests/OpenStackTesting",
            swiftSettings: strict),
        .testTarget(
            name: "OpenStackProviderTests",
            dependencies: [
                "OpenStackProvider", "OpenStackTesting", "HTTPTesting", "HTTPKit", "HTTPProvider", "ProviderAPI",
                "Inventory", "ProviderTesting",
            ], swiftSettings: strict),
        .testTarget(name: "HTTPKitTests", dependencies: ["HTTPKit", "HTTPTesting"], swiftSettings: strict),
        .testTarget(
            name: "HTTPProviderTests",
            dependencies: ["HTTPProvider", "HTTPKit", "HTTPTesting", "ProviderAPI", "XMLKit"], swiftSettings: strict),
        .testTarget(name: "AWSSigningTests", dependencies: ["AWSSigning", "HTTPKit"], swiftSettings: strict),
        .testTarget(name: "XMLKitTests", dependencies: ["XMLKit"], swiftSettings: strict),
        .testTarget(name: "CompressionKitTests", dependencies: ["CompressionKit"], swiftSettings: strict),
        .testTarget(name: "YAMLKitTests", dependencies: ["YAMLKit"], swiftSettings: strict),
        .testTarget(name: "FUSEKitTests", dependencies: ["FUSEKit", "CFUSE", "CLinux", system], swiftSettings: strict),
        .testTarget(name: "LibvirtKitTests", dependencies: ["LibvirtKit"], swiftSettings: strict),
        .testTarget(
            name: "MountBridgeTests",
            dependencies: [
                "ProviderTesting", "MountBridge", "Tree", "Inventory", "ProviderAPI", "FUSEKit", logging, system,
            ], swiftSettings: strict),
        .testTarget(name: "ProviderKitTests", dependencies: ["ProviderKit", "ProviderAPI"], swiftSettings: strict),
        .testTarget(
            name: "AWSProviderTests",
            dependencies: [
                "AWSProvider", "ProviderAPI", "ProviderKit", "HTTPKit", "HTTPProvider", "HTTPTesting", "XMLKit",
                "AWSSigning", "ProviderTesting",
            ], swiftSettings: strict),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "ProviderAPI"], swiftSettings: strict),
        .testTarget(name: "ObjectStoreTests", dependencies: ["ObjectStore", "ProviderAPI"], swiftSettings: strict),
        .testTarget(
            name: "FakeProviderTests", dependencies: ["FakeProvider", "ProviderAPI", "ProviderTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "LibvirtProviderTests", dependencies: ["LibvirtProvider", "LibvirtKit", "ProviderAPI", "XMLKit"],
            swiftSettings: strict),
        .testTarget(
            name: "infrafsTests",
            dependencies: [
                "infrafs", "Settings", "ProviderAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
    ]
)
