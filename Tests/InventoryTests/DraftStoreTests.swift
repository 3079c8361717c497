import FoundationEssentials
import Glibc
import ProviderAPI
import ProviderTesting
import Testing

@testable import Inventory

@Suite struct DraftStoreTests {
    /// A directory that goes with the body.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "drafts-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func set(_ store: DraftStore, _ name: String, _ file: String, _ text: String) throws {
        try store.update(name, on: "drafts/vms") { $0.files[file] = .init(text: text, modified: 5) }
    }

    @Test func draftsOutliveTheStore() throws {
        try withDirectory { path in
            let store = DraftStore(directory: path)
            try store.create("web/1", on: "drafts/vms")
            try set(store, "web/1", "memory", "2048\n")
            try store.update("web/1", on: "drafts/vms") { $0.directories.insert("disks") }
            try store.create("small", on: "profiles")
            let again = DraftStore(directory: path)
            #expect(again.names(on: "drafts/vms") == ["web/1"])
            #expect(again.names(on: "profiles") == ["small"])
            #expect(again.draft("web/1", on: "drafts/vms") == store.draft("web/1", on: "drafts/vms"))
            try again.rename("web/1", to: "web2", on: "drafts/vms")
            try again.remove("small", from: "profiles")
            let third = DraftStore(directory: path)
            #expect(third.names(on: "drafts/vms") == ["web2"])
            #expect(third.draft("web2", on: "drafts/vms")?.files["memory"]?.text == "2048\n")
            #expect(third.names(on: "profiles").isEmpty)
        }
    }

    @Test func aDraftIsReplacedAsAWholeAndForItsOwnerAlone() throws {
        try withDirectory { path in
            let store = DraftStore(directory: path)
            try store.create("web", on: "drafts/vms")
            let file = "\(path)/drafts/vms/web.json"
            var before = stat()
            var after = stat()
            #expect(stat(file, &before) == 0)
            try set(store, "web", "memory", "1\n")
            #expect(stat(file, &after) == 0)
            // Another inode: what a killed daemon leaves is the old file or the new one.
            #expect(before.st_ino != after.st_ino)
            #expect(after.st_mode & 0o777 == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/drafts/vms") == ["web.json"])
        }
    }

    @Test func theLongestNamesAreKept() throws {
        try withDirectory { path in
            let store = DraftStore(directory: path)
            let names = [String(repeating: "n", count: 255), String(repeating: "/", count: 255), "%~short"]
            for name in names {
                try store.create(name, on: "drafts/vms")
                try set(store, name, "memory", "2048\n")
            }
            let again = DraftStore(directory: path)
            #expect(again.names(on: "drafts/vms") == names.sorted())
            for name in names {
                #expect(again.draft(name, on: "drafts/vms") == store.draft(name, on: "drafts/vms"))
                try again.remove(name, from: "drafts/vms")
            }
            #expect(DraftStore(directory: path).names(on: "drafts/vms").isEmpty)
        }
    }

    @Test func aDamagedFileIsPassedOver() throws {
        try withDirectory { path in
            let store = DraftStore(directory: path)
            try store.create("good", on: "drafts/vms")
            try Data("{\"files\": ".utf8).write(to: URL(filePath: "\(path)/drafts/vms/bad.json"))
            #expect(DraftStore(directory: path).names(on: "drafts/vms") == ["good"])
        }
    }

    @Test func whatCannotBeKeptIsNotChanged() throws {
        try withDirectory { path in
            // A file where the directory should be.
            try Data().write(to: URL(filePath: path))
            let store = DraftStore(directory: path)
            #expect(throws: ProviderError.self) { try store.create("web", on: "drafts/vms") }
            #expect(store.names(on: "drafts/vms").isEmpty)
        }
    }

    @Test func refusals() throws {
        let store = DraftStore(directory: nil)
        try store.create("web", on: "drafts/vms")
        try store.create("db", on: "drafts/vms")
        #expect(throws: ProviderError.self) { try store.create("web", on: "drafts/vms") }
        #expect(throws: ProviderError.self) { try store.remove("nosuch", from: "drafts/vms") }
        #expect(throws: ProviderError.self) { try store.rename("web", to: "db", on: "drafts/vms") }
        #expect(throws: ProviderError.self) { try store.rename("nosuch", to: "x", on: "drafts/vms") }
        #expect(throws: ProviderError.self) { try set(store, "web", "big", String(repeating: "x", count: 2 << 20)) }
        #expect(store.draft("web", on: "drafts/vms")?.files.isEmpty == true)
        #expect(store.names(on: "drafts/vms") == ["db", "web"])
    }

    @Test func mountsOfOneDirectorySeeEachOthers() throws {
        try withDirectory { path in
            let one = DraftStore(directory: path)
            let other = DraftStore(directory: path)
            #expect(one.names(on: "drafts/vms").isEmpty && other.names(on: "drafts/vms").isEmpty)
            try one.create("web", on: "drafts/vms")
            #expect(other.names(on: "drafts/vms") == ["web"])
            try set(other, "web", "memory", "2048\n")
            // What the other wrote is not lost with a write that follows it.
            try set(one, "web", "cpus", "2\n")
            #expect(other.draft("web", on: "drafts/vms")?.files.keys.sorted() == ["cpus", "memory"])
            let error = #expect(throws: ProviderError.self) { try other.create("web", on: "drafts/vms") }
            #expect(error?.code == .alreadyExists)
            try other.remove("web", from: "drafts/vms")
            #expect(one.draft("web", on: "drafts/vms") == nil)
        }
    }

    @Test func aChangeThatWasBrokenOffIsLookedAtAgain() throws {
        try withDirectory { path in
            let one = DraftStore(directory: path)
            try one.create("web", on: "drafts/vms")
            // As a daemon leaves it that was killed between its two counts, with its file in place.
            var count = try [UInt8](Data(contentsOf: URL(filePath: "\(path)/drafts.count")))
            count[0] |= 1
            try Data(count).write(to: URL(filePath: "\(path)/drafts.count"))
            #expect(one.names(on: "drafts/vms") == ["web"])
            try FileManager.default.copyItem(
                atPath: "\(path)/drafts/vms/web.json", toPath: "\(path)/drafts/vms/db.json")
            let late = DraftStore(directory: path)
            #expect(late.names(on: "drafts/vms") == ["db", "web"])
            try late.create("third", on: "drafts/vms")
            #expect(try Data(contentsOf: URL(filePath: "\(path)/drafts.count"))[0] & 1 == 0)
            #expect(late.names(on: "drafts/vms") == ["db", "third", "web"])
        }
    }

    @Test func aMountThatDoesNotComeToAnEndIsBusy() throws {
        try withDirectory { path in
            let store = DraftStore(directory: path)
            try store.create("web", on: "drafts/vms")
            let file = open("\(path)/drafts.count", O_RDWR | O_CLOEXEC)
            defer { close(file) }
            #expect(flock(file, LOCK_EX) == 0)
            let error = #expect(throws: ProviderError.self) { try store.create("db", on: "drafts/vms") }
            #expect(error?.code == .busy)
            // Reading waits for nobody.
            #expect(store.names(on: "drafts/vms") == ["web"])
            #expect(flock(file, LOCK_UN) == 0)
            try store.create("db", on: "drafts/vms")
        }
    }

    @Test func allTogetherAreBounded() throws {
        let store = DraftStore(directory: nil)
        let text = String(repeating: "x", count: (1 << 20) - 4096)
        var refusal: ProviderError?
        var kept = 0
        for number in 0..<40 {
            do throws(ProviderError) {
                try store.create("d\(number)", on: "drafts/vms")
                try store.update("d\(number)", on: "drafts/vms") { $0.files["cmds"] = .init(text: text, modified: 0) }
                kept += 1
            } catch {
                refusal = error
                break
            }
        }
        #expect(refusal?.code == .noSpace)
        #expect(kept == 32)
        // What does not grow goes on, and removal makes room.
        try store.update("d3", on: "drafts/vms") { $0.files["cmds"] = .init(text: "short", modified: 1) }
        try store.create("another", on: "drafts/vms")
        try store.update("another", on: "drafts/vms") { $0.files["cmds"] = .init(text: text, modified: 0) }
    }

    @Test func namesBelowADirectory() throws {
        let store = DraftStore(directory: nil)
        try store.create("web", on: "drafts/vms")
        try store.update("web", on: "drafts/vms") { draft in
            for path in ["memory", "disks/a/size", "disks/b/size", "x"] {
                draft.files[path] = .init(text: "", modified: 0)
            }
            draft.directories = ["disks", "disks/a", "disks/b", "diskset"]
        }
        let draft = try #require(store.draft("web", on: "drafts/vms"))
        #expect(draft.names(below: "").files == ["memory", "x"])
        #expect(draft.names(below: "").directories == ["disks", "diskset"])
        #expect(draft.names(below: "disks").directories == ["a", "b"])
        #expect(draft.names(below: "disks/a").files == ["size"])
    }
}
