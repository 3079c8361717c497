import Glibc
import Synchronization
import SystemPackage
import Testing
import Tree

@testable import MountBridge

@Suite("A change that the tree tells", .serialized)
struct InvalidationTests {
    @Test("is seen within 100 ms though the kernel may keep what it had for an hour")
    func content() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", StateFile("status", "down\n"))
            #expect(try await mounted.text("status") == "down\n")
            #expect(await mounted.size("status") == 5)
            for value in ["starting\n", "up\n", "suspended\n"] {
                file.set(value)
                // Nobody has told yet: the kernel answers by itself, once it has the time of the last read.
                let quiet = await mounted.requests { _ = await mounted.size("status") }
                #expect(quiet.isEmpty)
                mounted.tree.tell(.node(inode: file.inode))
                let delay = await until { await mounted.size("status") == value.count }
                #expect(delay.map { $0 < .milliseconds(100) } == true)
                #expect(try await mounted.text("status") == value)
                #expect(await mounted.size("status") == value.count)
            }
        }
    }

    @Test("reaches those who have the file open")
    func openFile() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("log", StateFile("log", "one\n"))
            let held = try await blocking {
                try FileDescriptor.open(FilePath(mounted.path).appending("log"), .readOnly)
            }
            #expect(try await blocking { try held.rest() } == Array("one\n".utf8))
            file.set("one\ntwo\n")
            mounted.tree.tell(.node(inode: file.inode))
            var seen: [UInt8] = []
            let delay = try await until {
                seen += try await blocking { try held.rest() }
                return seen == Array("two\n".utf8)
            }
            #expect(delay.map { $0 < .milliseconds(100) } == true)
            try held.close()
        }
    }

    @Test("with the same size and time drops pages too")
    func pagesOnly() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", StateFile("status", "aaa\n"))
            #expect(try await mounted.text("status") == "aaa\n")
            file.state.withLock { $0.bytes = Array("bbb\n".utf8) }
            #expect(try await mounted.text("status") == "bbb\n")
        }
    }

    @Test("about a name shows at once: gone, or something else")
    func names() async throws {
        try await MountedTree.with { (mounted) async throws in
            let directory = mounted.tree.top.add("vms", TestDirectory("vms", inode: 500))
            let old = directory.add("web1", StateFile("vms/web1", "old\n"))
            #expect(try await mounted.text("vms/web1") == "old\n")
            directory.remove("web1")
            directory.add("web1", StateFile("vms/web1", "newer\n"))
            mounted.tree.tell(.entry(parent: 500, name: "web1", removed: old.inode))
            let replaced = await until { await mounted.shell("cat vms/web1").output == "newer\n" }
            #expect(replaced != nil)
            guard let gone = directory.remove("web1") else { return }
            mounted.tree.tell(.entry(parent: 500, name: "web1", removed: gone.inode))
            let delay = await until { await mounted.size("vms/web1") == -Int(ENOENT) }
            #expect(delay.map { $0 < .milliseconds(100) } == true)
            directory.state.withLock { $0.modified += 5_000_000_000 }
            mounted.tree.tell(.entry(parent: 500, name: "other", removed: nil))
            #expect(await until { await mounted.shell("stat -c %Y vms").output == "1700000005\n" } != nil)
        }
    }

    @Test("about a name waits for a look into its directory that hangs, and holds up no other change")
    func hungDirectory() async throws {
        try await MountedTree.with { (mounted) async throws in
            let directory = mounted.tree.top.add("vms", TestDirectory("vms", inode: 500))
            directory.state.withLock { $0.waits = true }
            let file = mounted.tree.top.add("status", StateFile("status", "down\n"))
            let gone = directory.add("web1", StateFile("vms/web1", "x\n"))
            #expect(await mounted.shell("cat vms/web1 status").output == "x\ndown\n")
            async let hung = mounted.shell("timeout 1 stat vms/hung")
            try await Task.sleep(for: .milliseconds(200))
            directory.remove("web1")
            mounted.tree.tell(.entry(parent: 500, name: "web1", removed: gone.inode))
            file.set("up\n")
            mounted.tree.tell(.node(inode: file.inode))
            let delay = await until { await mounted.size("status") == 3 }
            #expect(delay.map { $0 < .milliseconds(100) } == true)
            _ = await hung
            #expect(await until { await mounted.size("vms/web1") == -Int(ENOENT) } != nil)
        }
    }
}
