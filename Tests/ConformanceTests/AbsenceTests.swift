import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

extension Conformance {
    /// What is not there, what cannot be, and what cannot be reached: never the one for the other.
    @Suite struct AbsenceTests {
        @Test(arguments: Subject.all)
        func unknownNamesAreNotFound(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            var paths = ["lab/nosuch", "nosuch", "lab/vms/nosuch", "lab/vms/nosuch/status", "lab/jobs/77"]
            for kind in Kind.allCases where try await rig.driver.exists("lab/\(kind.rawValue)") {
                paths.append("lab/\(kind.rawValue)/no such thing")
                if let name = try await rig.driver.names("lab/\(kind.rawValue)").first {
                    paths.append("lab/\(kind.rawValue)/\(name)/nosuch")
                }
            }
            for path in paths {
                #expect(await rig.refusal { _ = try await rig.driver.status(path) } == .notFound, "\(path)")
            }
        }

        @Test(arguments: Subject.all)
        func whatIsNotSupportedIsNotThere(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let listings: [Kind: Operation] = [
                .vms: .listVMs, .disks: .listDisks, .pools: .listPools, .networks: .listNetworks,
                .subnets: .listSubnets,
                .images: .listImages, .isos: .listISOs, .flavors: .listFlavors, .buckets: .listBuckets,
                .securityGroups: .listSecurityGroups, .dns: .listDNS,
            ]
            for kind in Kind.allCases {
                let listing = try #require(listings[kind])
                #expect(try await rig.driver.exists("lab/\(kind.rawValue)") == rig.can(listing), "\(kind.rawValue)")
                #expect(
                    try await rig.driver.exists("lab/drafts/\(kind.rawValue)") == rig.can(kind.creation),
                    "drafts/\(kind.rawValue)")
                guard rig.can(listing), !rig.can(kind.creation) else { continue }
                #expect(try await !rig.driver.status("lab/\(kind.rawValue)").isWritable)
                let code = await rig.refusal { try await rig.driver.makeDirectory("lab/\(kind.rawValue)/new") }
                #expect(code == .notPermitted || code == .unsupported, "mkdir lab/\(kind.rawValue)/new")
            }
            #expect(try await rig.driver.exists("lab/host") == rig.can(.hostInfo))
        }

        /// The files of a machine and the operations of which one makes them writable.
        private static let writes: [String: Set<Operation>] = [
            "status": [.startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM, .pauseVM, .resumeVM],
            "name": [.renameVM],
            "memory": [.updateMemory], "cpus": [.updateCPUs], "flavor": [.updateFlavor],
            "autostart": [.updateAutostart],
            "iso": [.updateISO], "plan": [.updateMetadata], "profile": [.updateMetadata], "owner": [.updateMetadata],
            "user": [.updateMetadata], "domain": [.updateMetadata], "dnsclient": [.updateMetadata],
            "description": [.updateDescription], "revert": [.revertSnapshot], "clone": [.cloneVM],
            "export": [.exportVM], "add_nic": [.addNIC],
        ]

        @Test(arguments: Subject.all)
        func theWriteBitTellsTheTruth(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let name = try #require(try await rig.driver.names("lab/vms").first)
            for entry in try await rig.driver.entries("lab/vms/\(name)") {
                let path = "lab/vms/\(name)/\(entry.name)"
                let status = try await rig.driver.status(path)
                guard status.kind == .file else { continue }
                let isSupported = !rig.capabilities.isDisjoint(with: Self.writes[entry.name] ?? [])
                #expect(status.isWritable == isSupported, "\(path)")
                guard !status.isWritable else { continue }
                let code = await rig.refusal { try await rig.driver.echo("x", to: path) }
                #expect(code == .notPermitted || code == .unsupported, "\(path) has no write bit and took a write")
            }
            for (file, operation) in [
                ("revert", Operation.revertSnapshot), ("clone", .cloneVM), ("export", .exportVM),
                ("add_nic", .addNIC),
            ] {
                #expect(try await rig.driver.exists("lab/vms/\(name)/\(file)") == rig.can(operation), "\(file)")
            }
            #expect(try await rig.driver.exists("lab/vms/\(name)/snapshots") == rig.can(.listSnapshots))
            #expect(try await rig.driver.exists("lab/vms/\(name)/flavor") == rig.can(.listFlavors))
            #expect(try await rig.driver.exists("lab/vms/\(name)/.serial") == rig.can(.serialVM))
        }

        @Test(arguments: Subject.all)
        func anOutageIsNeitherAbsenceNorEmptiness(_ subject: Subject) async throws {
            let fixture = try #require(subject.fixture)
            let rig = try await Rig(subject)
            let dead = MountedProvider(try fixture.makeUnreachable(), policy: Policy(timeout: .seconds(2))).driver
            #expect(try await dead.names("").contains("lab"))
            #expect(try await dead.names("lab").contains("status"))
            #expect(try await dead.line("lab/status").hasPrefix("down: "))
            for kind in Kind.allCases where try await rig.driver.exists("lab/\(kind.rawValue)") {
                for path in ["lab/\(kind.rawValue)", "lab/\(kind.rawValue)/nosuch"] {
                    let code = await rig.refusal { _ = try await dead.names(path) }
                    #expect(code == .unreachable || code == .timedOut, "\(path): \(String(describing: code))")
                }
                let code = await rig.refusal { _ = try await dead.status("lab/\(kind.rawValue)/nosuch") }
                #expect(code == .unreachable || code == .timedOut, "\(kind.rawValue): \(String(describing: code))")
            }
        }
    }
}
