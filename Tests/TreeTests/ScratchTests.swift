import Inventory
import ProviderAPI
import ProviderTesting
import Testing

@testable import Tree

/// What editors leave beside the file they write.
@Suite struct ScratchTests {
    @Test func aRenameOverAnAttributeIsAWrite() async throws {
        let bed = Bed()
        try await bed.driver.write("lab/vms/web1/sedXyZ012", "2048\n")
        #expect(bed.machines.changes.isEmpty)
        #expect(try await bed.driver.text("lab/vms/web1/sedXyZ012") == "2048\n")
        #expect(try await !bed.driver.names("lab/vms/web1").contains("sedXyZ012"))
        try await bed.driver.rename("lab/vms/web1/sedXyZ012", to: "lab/vms/web1/memory")
        #expect(bed.machines.changes == [.memory(2048)])
        #expect(try await !bed.driver.exists("lab/vms/web1/sedXyZ012"))
    }

    @Test func aRefusedRenameKeepsTheScratchFile() async throws {
        let bed = Bed()
        try await bed.driver.write("lab/vms/web1/.memory.swp", "rubbish\n")
        #expect(
            await bed.code { try await bed.driver.rename("lab/vms/web1/.memory.swp", to: "lab/vms/web1/memory") }
                == .invalidValue)
        #expect(try await bed.driver.text("lab/vms/web1/.memory.swp") == "rubbish\n")
        #expect(
            await bed.code { try await bed.driver.rename("lab/vms/web1/.memory.swp", to: "lab/vms/web1/id") }
                == .notPermitted)
        #expect(
            await bed.code { try await bed.driver.rename("lab/vms/web1/.memory.swp", to: "lab/vms/web1/nosuch") }
                == .notPermitted)
        #expect(bed.machines.changes.isEmpty)
    }

    @Test func aCopyOfTheOldIsKeptByARename() async throws {
        let bed = Bed()
        let old = try await bed.driver.text("lab/vms/web1/memory")
        try await bed.driver.rename("lab/vms/web1/memory", to: "lab/vms/web1/memory.bak")
        #expect(try await bed.driver.text("lab/vms/web1/memory.bak") == old)
        #expect(try await !bed.driver.exists("lab/vms/web1/memory"))
        try await bed.driver.write("lab/vms/web1/memory", "2048\n")
        #expect(bed.machines.changes == [.memory(2048)])
        #expect(try await bed.driver.text("lab/vms/web1/memory") == "2048\n")
        // Moved away and not written: it is what it was.
        try await bed.driver.rename("lab/vms/web1/cpus", to: "lab/vms/web1/cpus~")
        bed.time.advance(.seconds(11))
        #expect(try await bed.driver.exists("lab/vms/web1/cpus"))
        #expect(try await !bed.driver.exists("lab/vms/web1/cpus~"))
        #expect(bed.machines.changes == [.memory(2048)])
        for name in ["clone", "snapshots"] {
            #expect(
                await bed.code { try await bed.driver.rename("lab/vms/web1/\(name)", to: "lab/vms/web1/.x.bak") }
                    == .notPermitted)
        }
    }

    @Test func aScratchFileGoesSecondsAfterItsWriter() async throws {
        let bed = Bed()
        try await bed.driver.write("lab/vms/web1/memory~", "x")
        bed.time.advance(.seconds(9))
        #expect(try await bed.driver.exists("lab/vms/web1/memory~"))
        bed.time.advance(.seconds(2))
        #expect(try await !bed.driver.exists("lab/vms/web1/memory~"))
    }

    @Test func elementsAndDraftsTakeScratchFilesToo() async throws {
        let bed = Bed()
        try await bed.driver.replace("lab/vms/web1/disks/vda/size", with: "20\n", by: ".size.tmp")
        #expect(bed.machines.changes == [.growDisk("vda", size: 20)])
        try await bed.draft("new", ["memory": "1024\n"])
        try await bed.driver.replace("lab/drafts/vms/new/memory", with: "2048\n", by: ".memory.Xy12Ab")
        #expect(try await bed.driver.text("lab/drafts/vms/new/memory") == "2048\n")
        #expect(try await bed.driver.names("lab/drafts/vms/new") == ["memory"])
        try await bed.driver.replace("lab/vms/web1/metadata/team", with: "blue\n", by: ".team.swp")
        #expect(bed.machines.changes.last == .metadata(key: "team", value: "blue"))
    }

    @Test(arguments: [
        ".memory.swp", "memory~", "#memory#", "sedAb3dEf", "4913", "memory.tmp", "memory.bak", ".goutputstream-X",
    ])
    func namesOfTools(name: String) { #expect(ScratchStore.isScratchName(name)) }

    @Test(arguments: ["memory", "sedation", "new", "web", "sedX", "a.b"])
    func namesOfPeople(name: String) { #expect(!ScratchStore.isScratchName(name)) }

    @Test func anUnknownNameIsRefusedWithWhatThereIs() async throws {
        let bed = Bed()
        do {
            try await bed.driver.write("lab/vms/web1/memroy", "1\n")
            Issue.record("a misspelt name was taken")
        } catch {
            #expect(error.code == .notPermitted && error.description.contains("memory"))
        }
    }

    @Test func scratchMemoryIsBounded() throws {
        let time = ManualTime()
        let store = ScratchStore(time: time.source)
        #expect(ParsingTests.code { try store.create("a", in: 1) } == nil)
        #expect(ParsingTests.code { try store.write([1], at: ScratchStore.fileLimit, "a", in: 1) } == .tooLarge)
        #expect(ParsingTests.code { try store.write([1], at: .max, "a", in: 1) } == .tooLarge)
        #expect(ParsingTests.code { try store.truncate(to: ScratchStore.fileLimit + 1, "a", in: 1) } == .tooLarge)
        #expect(ParsingTests.code { try store.truncate(to: -1, "a", in: 1) } == .tooLarge)
        var refused = 0
        for file in 0..<64 {
            try store.create("f\(file)", in: 2)
            if ParsingTests.code({ try store.truncate(to: ScratchStore.fileLimit, "f\(file)", in: 2) }) == .noSpace {
                refused += 1
            }
        }
        #expect(refused == 32, "scratch files hold more than they may")
        var made = 0
        for file in 0..<4300 where ParsingTests.code({ try store.create("g\(file)", in: 3) }) == nil { made += 1 }
        #expect(made < 4200)
        time.advance(.seconds(11))
        #expect(ParsingTests.code { try store.create("after", in: 3) } == nil, "nothing was let go of")
    }
}
