import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

extension Conformance {
    /// Networks, interfaces and names, as far as a provider has them: what is written is what is read, here and in
    /// another tree over the same platform.
    @Suite struct NetworkingTests {
        private func withNetwork(_ rig: Rig, _ body: (_ path: String, _ name: String) async throws -> Void) async throws
        {
            let name = Rig.freshName("net")
            try await rig.draft(.networks, name, rig.fixture.drafts[.networks] ?? [:])
            try await rig.driver.rename("lab/drafts/networks/\(name)", to: "lab/networks/\(name)")
            do {
                try await body("lab/networks/\(name)", name)
            } catch {
                try? await rig.driver.removeDirectory("lab/networks/\(name)")
                throw error
            }
            try await rig.driver.process(41).removeDirectory("lab/networks/\(name)")
            #expect(try await !rig.driver.exists("lab/networks/\(name)"))
        }

        private func expect(_ rig: Rig, _ path: String, _ text: String) async throws {
            #expect(try await rig.driver.text(path) == text, "\(path)")
            let other = rig.anotherTree
            #expect(try await other.text(path) == text, "\(path) in another tree")
        }

        @Test(arguments: Subject.all)
        func aNetworkKeepsWhatIsWritten(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createNetwork), rig.can(.updateNetwork), rig.can(.deleteNetwork) else { return }
            try await withNetwork(rig) { path, _ in
                for (file, text) in [
                    ("domain", "conf.test\n"), ("plan", "blue\n"), ("status", "down\n"), ("status", "up\n"),
                ] {
                    if rig.fixture.lacks.contains("networks/\(file)") {
                        let before = try await rig.driver.text("\(path)/\(file)")
                        let code = await rig.refusal { try await rig.driver.write("\(path)/\(file)", text) }
                        #expect(code == .unsupported, "\(file), which this counterpart has no extension for")
                        try await expect(rig, "\(path)/\(file)", before)
                        continue
                    }
                    try await rig.driver.write("\(path)/\(file)", text)
                    try await expect(rig, "\(path)/\(file)", text)
                }
                if rig.can(.linkNetwork) {
                    for text in ["no\n", "yes\n"] {
                        try await rig.driver.write("\(path)/autostart", text)
                        try await expect(rig, "\(path)/autostart", text)
                    }
                } else {
                    #expect(try await !rig.driver.exists("\(path)/autostart"))
                    #expect(try await !rig.driver.status("\(path)/nat").isWritable)
                }
                for (file, text) in [("dhcp", "perhaps\n"), ("status", "sideways\n")] {
                    let code = await rig.refusal { try await rig.driver.write("\(path)/\(file)", text) }
                    #expect(code == .invalidValue, "\(file) took \(text)")
                }
            }
        }

        @Test(arguments: Subject.all)
        func aNetworkIsRenamedAndDescribed(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createNetwork), rig.can(.deleteNetwork) else { return }
            let writes: [(Operation, String, String)] = [
                (.updateMTU, "mtu", "1400\n"), (.describeNetwork, "description", "a ünïcode network\n"),
                (.guardNetwork, "port_security", "no\n"), (.guardNetwork, "port_security", "yes\n"),
            ]
            try await withNetwork(rig) { path, name in
                for (operation, file, text) in writes {
                    #expect(try await rig.driver.exists("\(path)/\(file)") == rig.can(operation), "\(file)")
                    guard rig.can(operation) else { continue }
                    try await rig.driver.write("\(path)/\(file)", text)
                    try await expect(rig, "\(path)/\(file)", text)
                }
                #expect(try await rig.driver.exists("\(path)/shared") == rig.can(.shareNetwork))
                #expect(try await rig.driver.status("\(path)/name").isWritable == rig.can(.renameNetwork))
                let other = "lab/networks/\(Rig.freshName("renamed"))"
                guard rig.can(.renameNetwork) else {
                    #expect(await rig.refusal { try await rig.driver.rename(path, to: other) } == .unsupported)
                    return
                }
                let id = try await rig.driver.text("\(path)/id")
                try await rig.driver.rename(path, to: other)
                try await expect(rig, "\(other)/id", id)
                #expect(try await !rig.driver.exists(path))
                try await rig.driver.echo(name, to: "\(other)/name")
                try await expect(rig, "\(path)/id", id)
            }
        }

        @Test(arguments: Subject.all)
        func addressesAreReservedAndGivenUp(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createNetwork), rig.can(.serviceNetwork) else {
                for name in try await rig.driver.names("lab/networks").prefix(1) {
                    #expect(try await !rig.driver.exists("lab/networks/\(name)/reservations"))
                }
                return
            }
            try await withNetwork(rig) { path, _ in
                let one = "52:54:00:c0:0f:01 10.213.0.21 one\n"
                let two = "52:54:00:c0:0f:02 10.213.0.22\n"
                try await rig.driver.write("\(path)/reservations", one)
                try await expect(rig, "\(path)/reservations", one)
                try await rig.driver.write("\(path)/reservations", two, appending: true)
                try await expect(rig, "\(path)/reservations", one + two)
                let code = await rig.refusal {
                    try await rig.driver.write("\(path)/reservations", "52:54:00:c0:0f:03 192.0.2.1\n")
                }
                #expect(code == .invalidValue)
                try await expect(rig, "\(path)/reservations", one + two)
                try await rig.driver.write("\(path)/reservations", two)
                try await expect(rig, "\(path)/reservations", two)
                try await rig.driver.write("\(path)/reservations", "# none\n")
                try await expect(rig, "\(path)/reservations", "")
            }
        }

        @Test(arguments: Subject.all)
        func anInterfaceIsAddedMovedAndRemoved(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.addNIC), rig.can(.deleteNIC), rig.can(.createNetwork) else { return }
            try await withNetwork(rig) { path, name in
                try await rig.withMachine { machine async throws in
                    let before = try await rig.driver.names("\(machine)/nics")
                    try await rig.driver.echo(name, to: "\(machine)/add_nic")
                    let nic = try #require(
                        try await rig.driver.names("\(machine)/nics").first { !before.contains($0) })
                    try await expect(rig, "\(machine)/nics/\(nic)/network", "\(name)\n")
                    let ports = try await rig.driver.text("\(path)/ports")
                    #expect(ports.contains(machine.split(separator: "/").last ?? ""))
                    #expect(await rig.refusal { try await rig.driver.removeDirectory(path) } == .busy)
                    if rig.can(.updateNIC) {
                        try await rig.driver.echo("default", to: "\(machine)/nics/\(nic)/network")
                        try await expect(rig, "\(machine)/nics/\(nic)/network", "default\n")
                        #expect(try await rig.driver.text("\(path)/ports") == "")
                    }
                    let code = await rig.refusal {
                        try await rig.driver.echo("no-such-network", to: "\(machine)/add_nic")
                    }
                    #expect(code == .invalidValue || code == .notFound)
                    try await rig.driver.process(42).removeDirectory("\(machine)/nics/\(nic)")
                    #expect(try await rig.driver.names("\(machine)/nics") == before)
                }
            }
        }

        @Test(arguments: Subject.all)
        func recordsAreMadeChangedAndRemoved(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.updateDNS), let zone = try await rig.driver.names("lab/dns").first else { return }
            let path = "lab/dns/\(zone)/\(Rig.freshName("host"))"
            try await rig.driver.makeDirectory(path)
            try await rig.driver.write("\(path)/A", "192.0.2.10\n")
            try await expect(rig, "\(path)/A", "192.0.2.10\n")
            try await rig.driver.write("\(path)/A", "192.0.2.11\n192.0.2.12\n")
            try await expect(rig, "\(path)/A", "192.0.2.11\n192.0.2.12\n")
            #expect(try await rig.driver.status("\(path)/ttl").isWritable == rig.can(.updateTTL))
            try await rig.driver.removeFile("\(path)/A")
            #expect(try await !rig.driver.exists("\(path)/A"))
            let other = rig.anotherTree
            #expect(try await !other.exists("\(path)/A"))
        }
    }
}
