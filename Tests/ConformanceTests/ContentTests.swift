import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

extension Conformance {
    /// The content of volumes and images as files, over every registered provider.
    @Suite struct ContentTests {
        /// What `dd` does: opens, reads and writes some, closes.
        private func with(
            _ rig: Rig, _ path: String, _ mode: OpenMode, _ body: (any OpenedFile, Caller) async throws -> Void
        ) async throws {
            let caller = Caller()
            let file = try await rig.driver.file(path).open(mode, by: caller).value()
            try await body(file, caller)
            try await file.flush(by: caller).value()
            await file.close()
        }

        private func content(_ rig: Rig, _ path: String, _ count: Int) async throws -> [UInt8] {
            var all: [UInt8] = []
            try await with(rig, path, OpenMode()) { file, caller async throws in
                all = try await file.read(offset: 0, count: count, by: caller).value()
            }
            return all
        }

        @Test(arguments: Subject.all)
        func aVolumeIsWrittenInPlaceAndAnew(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createDisk), rig.can(.readDisk), rig.can(.writeDisk) else { return }
            let name = Rig.freshName("volume")
            try await rig.draft(.disks, name, rig.fixture.drafts[.disks] ?? [:])
            try await rig.driver.rename("lab/drafts/disks/\(name)", to: "lab/disks/\(name)")
            let path = "lab/disks/\(name)/data"
            try await with(rig, path, OpenMode(writing: true)) { file, caller async throws in
                #expect(try await file.write([1, 2, 3, 4], offset: 100_000, by: caller).value() == 4)
                #expect(try await file.read(offset: 99_999, count: 4, by: caller).value() == [0, 1, 2, 3])
            }
            try await with(rig, path, OpenMode(writing: true)) { file, caller async throws in
                _ = try await file.write([9], offset: 100_001, by: caller).value()
            }
            #expect(try await content(rig, path, 100_004).suffix(4) == [1, 9, 3, 4])
            // `>` alone changes nothing; what is written after it is all there is.
            try await with(rig, path, OpenMode(writing: true, truncating: true)) { _, _ async throws in }
            #expect(try await content(rig, path, 100_004).suffix(4) == [1, 9, 3, 4])
            try await with(rig, path, OpenMode(writing: true, truncating: true)) { file, caller async throws in
                _ = try await file.write([7], offset: 0, by: caller).value()
            }
            let after = try await content(rig, path, 100_004)
            #expect(after.first == 7 && after.dropFirst().allSatisfy { $0 == 0 })
            #expect(try await rig.driver.removeTree("lab/disks/\(name)").isEmpty)
        }

        @Test(arguments: Subject.all)
        func anImageIsAsLongAsWhatWasWritten(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createImage), rig.can(.readImage), rig.can(.writeImage) else { return }
            let name = Rig.freshName("image")
            try await rig.driver.makeDirectory("lab/images/\(name)")
            let path = "lab/images/\(name)/data"
            try await rig.driver.write(path, [UInt8](repeating: 5, count: 3000))
            #expect(try await content(rig, path, 10_000).count == 3000)
            if rig.fixture.writesImagesOnce {
                let again = [UInt8](repeating: 6, count: 2000)
                #expect(await rig.refusal { try await rig.driver.write(path, again) } == .busy)
                #expect(try await content(rig, path, 10_000) == [UInt8](repeating: 5, count: 3000))
            } else {
                try await rig.driver.write(path, [UInt8](repeating: 6, count: 2000))
                #expect(try await content(rig, path, 10_000) == [UInt8](repeating: 6, count: 2000))
            }
            #expect(try await rig.driver.removeTree("lab/images/\(name)").isEmpty)
        }

        @Test(arguments: Subject.all)
        func anImageKeepsWhatIsNotedAboutIt(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.listImages) else { return }
            guard rig.can(.createImage), rig.can(.deleteImage), rig.can(.updateImage) else {
                for name in try await rig.driver.names("lab/images").prefix(1) {
                    #expect(try await rig.driver.exists("lab/images/\(name)/properties") == rig.can(.updateImage))
                }
                return
            }
            let name = Rig.freshName("image")
            let path = "lab/images/\(name)"
            try await rig.draft(.images, name, rig.fixture.drafts[.images] ?? [:])
            try await rig.driver.rename("lab/drafts/images/\(name)", to: path)
            try await rig.driver.write("\(path)/properties/team", "red\n")
            try await rig.driver.write("\(path)/properties/team", "blue\n")
            try await rig.driver.write("\(path)/visibility", "shared\n")
            #expect(await rig.refusal { try await rig.driver.write("\(path)/visibility", "nobody\n") } == .invalidValue)
            for driver in [rig.driver, rig.anotherTree] {
                #expect(try await driver.text("\(path)/properties/team") == "blue\n")
                #expect(try await driver.text("\(path)/visibility") == "shared\n")
            }
            try await rig.driver.removeFile("\(path)/properties/team")
            for driver in [rig.driver, rig.anotherTree] {
                #expect(try await !driver.exists("\(path)/properties/team"))
            }
            try await rig.driver.process(43).removeDirectory(path)
            #expect(try await !rig.driver.exists(path))
        }

        @Test(arguments: Subject.all)
        func aMachinesDiskHasItsVolumesContent(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.readDisk) else { return }
            try await rig.withMachine { path async throws in
                let disk = try #require(try await rig.driver.names("\(path)/disks").first)
                let place = try await rig.driver.line("\(path)/disks/\(disk)/path")
                var volume: String?
                for name in try await rig.driver.names("lab/disks")
                where try await rig.driver.line("lab/disks/\(name)/path") == place { volume = name }
                let found = try #require(volume)
                let data = "\(path)/disks/\(disk)/data"
                #expect(try await !rig.driver.names("\(path)/disks/\(disk)").contains("data"), "a copy would have it")
                #expect(try await rig.driver.status(data).size == rig.driver.status("lab/disks/\(found)/data").size)
                try await with(rig, data, OpenMode(writing: true)) { file, caller async throws in
                    _ = try await file.write([1, 2, 3], offset: 4096, by: caller).value()
                }
                let whole = try await content(rig, "lab/disks/\(found)/data", 4099)
                #expect(whole.suffix(3) == [1, 2, 3])
                #expect(try await content(rig, data, 4099) == whole)
            }
        }
    }
}
