import Testing

/// Dependencies point one way, downwards: every import line below `Sources` is an edge of the table.
@Suite struct ImportTests {
    @Test func everyImportIsAnAllowedEdge() throws {
        let files = try SourceTree.files(below: "Sources")
        let providers = Self.providers(files)
        var edges = 0
        for file in files {
            let target = Edges.target(of: file.components)
            for (index, line) in file.lines.enumerated() {
                guard let module = SourceLine.imported(line) else { continue }
                edges += 1
                if let objection = Edges.objection(to: module, in: target, providers: providers) {
                    Issue.record("\(file.path):\(index + 1): import \(module): \(objection)")
                }
            }
        }
        #expect(edges > 200, "the files were not read")
        #expect(providers.isSuperset(of: ["FakeProvider", "LibvirtProvider"]))
    }

    /// The targets of the providers, by the folders.
    private static func providers(_ files: [SourceTree.File]) -> Set<String> {
        Set(
            files.map { Edges.target(of: $0.components) }.filter { $0.hasPrefix("Providers/") }
                .map { $0.dropFirst("Providers/".count) + "Provider" })
    }

    @Test(arguments: [
        ("import Tree", "Tree"), ("public import struct Inventory.Policy", "Inventory"),
        ("@preconcurrency internal import CFUSE", "CFUSE"), ("@testable import Tree", "Tree"),
        ("    import Glibc // the C library", "Glibc"),
    ])
    func imports(line: String, module: String) {
        #expect(SourceLine.imported(line) == module)
    }

    @Test(arguments: ["// import Tree", "let text = \"import Tree\"", "important()", ""])
    func noImports(line: String) {
        #expect(SourceLine.imported(line) == nil)
    }

    @Test(arguments: [
        ("Tree", "Providers/Fake"), ("Inventory", "Providers/Libvirt"), ("FUSEKit", "Providers/AWS"),
        ("FakeProvider", "Providers/Libvirt"), ("FakeProvider", "Tree"), ("CFUSE", "MountBridge"),
        ("CLibvirt", "Providers/Libvirt"), ("CLinux", "Tree"), ("Inventory", "ProviderAPI"), ("Glibc", "ProviderAPI"),
        ("Tree", "Inventory"), ("MountBridge", "Tree"), ("Logging", "Unheard"), ("Foundation", "Tree"),
        ("ProviderAPI", "FUSEKit"), ("LibvirtKit", "infrafs"),
    ])
    func forbiddenEdges(module: String, target: String) {
        #expect(Edges.objection(to: module, in: target, providers: ["FakeProvider"]) != nil)
    }
}
