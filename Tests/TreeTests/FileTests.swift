import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

/// How attributes are opened, written and waited for.
@Suite struct FileTests {
    private func open(_ bed: Bed, _ path: String, _ mode: OpenMode) async throws -> any OpenedFile {
        try await bed.driver.file(path).open(mode, by: bed.driver.caller).value()
    }

    @Test func aLineIsAppliedByItsWrite() async throws {
        let bed = Bed()
        let caller = bed.driver.caller
        let file = try await open(bed, "lab/vms/web1/memory", OpenMode(reading: false, writing: true, truncating: true))
        #expect(bed.machines.changes.isEmpty, "opening or truncating changed it")
        #expect(!file.wantsFlush)
        #expect(try await file.write(Array("2048\n".utf8), offset: 0, by: caller).value() == 5)
        #expect(bed.machines.changes == [.memory(2048)])
        #expect(
            await bed.code { _ = try await file.write(Array("x\n".utf8), offset: 5, by: caller).value() }
                == .invalidValue)
        try await file.flush(by: caller).value()
        #expect(bed.machines.changes == [.memory(2048)])
    }

    @Test func aDocumentIsAppliedOnceAtFlush() async throws {
        let bed = Bed()
        let caller = bed.driver.caller
        let file = try await open(
            bed, "lab/vms/web1/description", OpenMode(reading: false, writing: true, truncating: true))
        #expect(file.wantsFlush)
        _ = try await file.write(Array("one\n".utf8), offset: 0, by: caller).value()
        _ = try await file.write(Array("two\n".utf8), offset: 4, by: caller).value()
        #expect(bed.machines.changes.isEmpty)
        try await file.flush(by: caller).value()
        try await file.flush(by: caller).value()
        #expect(bed.machines.changes == [.description("one\ntwo")])
        #expect(try await bed.driver.text("lab/vms/web1/description") == "one\ntwo\n")
    }

    @Test func openingForBothShowsTheValue() async throws {
        let bed = Bed()
        let file = try await open(bed, "lab/vms/web1/memory", OpenMode(reading: true, writing: true))
        #expect(try await file.read(offset: 0, count: 100, by: bed.driver.caller).value() == Array("1024\n".utf8))
    }

    @Test func touchAndTruncationChangeNothing() async throws {
        let bed = Bed()
        let caller = bed.driver.caller
        for name in ["memory", "description", "status", "metadata/plan"] {
            let file = try await bed.driver.file("lab/vms/web1/\(name)")
            try await file.truncate(to: 0, by: caller).value()
            let opened = try await file.open(OpenMode(reading: false, writing: true, truncating: true), by: caller)
                .value()
            try await opened.truncate(to: 0, by: caller).value()
            try await opened.flush(by: caller).value()
            await opened.close()
        }
        #expect(bed.machines.changes.isEmpty)
        #expect(try await bed.driver.line("lab/vms/web1/memory") == "1024")
    }

    @Test func valuesThatAreTooLongAreRefused() async throws {
        let bed = Bed()
        let megabyte = [UInt8](repeating: 0x31, count: 1 << 20)
        #expect(await bed.code { try await bed.driver.write("lab/vms/web1/memory", megabyte) } == .tooLarge)
        #expect(await bed.code { try await bed.driver.write("lab/vms/web1/description", megabyte) } == .tooLarge)
        let file = try await open(bed, "lab/vms/web1/description", OpenMode(reading: false, writing: true))
        #expect(
            await bed.code { _ = try await file.write([1], offset: .max - 1, by: bed.driver.caller).value() }
                == .tooLarge)
        #expect(await bed.code { try await file.truncate(to: 1 << 40, by: bed.driver.caller).value() } == .tooLarge)
        #expect(await bed.code { try await bed.driver.write("lab/vms/web1/status", [0xff, 0x00]) } == .invalidValue)
        #expect(bed.machines.changes.isEmpty)
    }

    @Test func appendingToADocumentKeepsWhatIsThere() async throws {
        let bed = Bed()
        try await bed.driver.write("lab/vms/web1/metadata/plan", "more\n", appending: true)
        #expect(bed.machines.changes == [.metadata(key: "plan", value: "web\nmore")])
    }

    @Test func actionsAreEmptyAndWritable() async throws {
        let bed = Bed()
        for name in ["clone", "export", "revert"] {
            let status = try await bed.driver.status("lab/vms/web1/\(name)")
            #expect(status.size == 0 && status.isWritable)
            #expect(try await bed.driver.bytes("lab/vms/web1/\(name)").isEmpty)
        }
        #expect(bed.machines.changes.isEmpty, "reading an action did something")
    }

    @Test func waitEndsWhenTheStateIsReached() async throws {
        let bed = Bed(policy: Policy(cache: .seconds(3600)))
        let waiter = Task { try await bed.driver.text("lab/vms/web1/.wait/up") }
        try await Task.sleep(for: .milliseconds(20))
        try await bed.driver.echo("up", to: "lab/vms/web1/status")
        #expect(try await waiter.value == "up\n")
        #expect(try await bed.driver.text("lab/vms/web1/.wait/up") == "up\n")
        #expect(await bed.code { _ = try await bed.driver.text("lab/vms/web1/.wait/sideways") } == .notFound)
        let interrupted = Task { try await bed.driver.text("lab/vms/web1/.wait/down") }
        try await Task.sleep(for: .milliseconds(20))
        interrupted.cancel()
        #expect(await bed.code { _ = try await interrupted.value } == .cancelled)
    }

    @Test func failuresAreToldAtTheirPlace() async throws {
        let bed = Bed()
        let error = ProviderError(.quotaExceeded, "the quota is used up", cause: "HTTP 403")
        bed.mounted.tree.record(
            error, errno: "EDQUOT", operation: "write", path: "lab/vms/web1/memory", isLook: false)
        for path in ["lab/errors", "lab/.error", "lab/vms/web1/.error"] {
            #expect(try await bed.driver.text(path).contains("EDQUOT the quota is used up: HTTP 403"), "\(path)")
        }
        #expect(try await bed.driver.text("lab/errors").hasSuffix("\n"))
        let attribute = try await bed.driver.node("lab/vms/web1/memory").extendedAttribute("user.infrafs.error").value()
        #expect(String(decoding: attribute, as: UTF8.self).contains("EDQUOT"))
        #expect(try await !bed.driver.names("lab/vms/web1").contains(".error"))
    }

    @Test func disksMoveBetweenMachinesAndTheShelf() async throws {
        let volumes = StubCollection<Disk>(
            [Disk(id: .init("vol-1"), name: "data1")], operations: [.listDisks, .createDisk, .deleteDisk],
            make: { Disk(id: .init("vol-\($0.name)"), name: $0.name) }, carry: { _, _ throws(ProviderError) in })
        let bed = Bed(volumes: volumes)
        try await bed.driver.rename("lab/disks/data1", to: "lab/vms/web1/disks/data1")
        #expect(bed.machines.changes == [.attachDisk(.init("vol-1"))])
        try await bed.driver.rename("lab/vms/web1/disks/vda", to: "lab/disks/vda")
        #expect(bed.machines.changes.last == .detachDisk("vda"))
        #expect(
            await bed.code { try await bed.driver.rename("lab/vms/web1/memory", to: "lab/vms/web1/cpus") }
                != .crossDevice)
        #expect(await bed.code { try await bed.driver.rename("lab/vms/web1", to: "lab/disks/web1") } == .notPermitted)
    }

    @Test func aListingPutsPlainFilesBeforeDirectories() async throws {
        let bed = Bed()
        let kinds = try await bed.driver.entries("lab/vms/web1").map { $0.node is any DirectoryNode }
        let first = try #require(kinds.firstIndex(of: true))
        #expect(kinds[first...].allSatisfy { $0 })
    }

    @Test func theDaemonTellsOfItselfUnlisted() async throws {
        let bed = Bed()
        #expect(try await !bed.driver.names("").contains(".infrafs"))
        #expect(try await bed.driver.line(".infrafs/version") == "1")
        try await bed.driver.echo("2G", to: "lab/vms/web1/memory")
        let audit = try await bed.driver.text(".infrafs/audit")
        #expect(
            audit.contains("\"old\":1024") && audit.contains("\"new\":\"2G\"") && audit.contains("lab/vms/web1/memory"))
        #expect(try await bed.driver.text(".infrafs/metrics").contains("infrafs_resources{provider=\"lab\"} 1"))
    }
}
