import Glibc
import ProviderAPI
import Synchronization
import Testing

@testable import MountBridge

@Suite("Listing", .serialized)
struct DirectoryTests {
    private func fill(_ directory: TestDirectory, _ count: Int) {
        for index in 0..<count { directory.add("vm\(index)", StateFile("vms/vm\(index)", "\(index)\n")) }
    }

    @Test("20,000 entries: all, once, in order, with attributes and without lookups")
    func large() async throws {
        try await MountedTree.with { (mounted) async throws in
            let directory = mounted.tree.top.add("vms", TestDirectory("vms", inode: 500))
            fill(directory, 20_000)
            let names = (0..<20_000).map { "vm\($0)\n" }.joined()
            #expect(await mounted.shell("ls -U vms").output == names)
            let requests = await mounted.requests {
                #expect(await mounted.shell("ls -lU vms | wc -l").output == "20001\n")
                #expect(await mounted.shell("find vms -type f -size -2 -name 'vm*' | wc -l").output == "20000\n")
            }
            #expect((requests["lookup"] ?? 0) < 10)
            #expect((requests["getattr"] ?? 0) < 10)
        }
    }

    @Test("100,000 entries takes linear time")
    func linear() async throws {
        try await MountedTree.with { (mounted) async throws in
            for (name, count) in [("small", 10_000), ("large", 100_000)] {
                let directory = mounted.tree.top.add(name, TestDirectory(name, inode: UInt64(count)))
                let file = StateFile("one", "1\n")
                directory.state.withLock { $0.children = (0..<count).map { ("n\($0)", file) } }
            }
            let clock = ContinuousClock()
            let small = await clock.measure { #expect(await mounted.shell("ls -U small | wc -l").output == "10000\n") }
            let large = await clock.measure { #expect(await mounted.shell("ls -U large | wc -l").output == "100000\n") }
            #expect(large < small * 20 + .milliseconds(500))
        }
    }

    @Test("while names come and go shows the listing as it was, and a new one after rewinddir")
    func changing() async throws {
        try await MountedTree.with { (mounted) async throws in
            let directory = mounted.tree.top.add("vms", TestDirectory("vms", inode: 500))
            fill(directory, 5_000)
            let path = "\(mounted.path)/vms"
            let stream = DirectoryStream(path)
            let first = await blocking { stream.next(50) }
            for index in stride(from: 0, to: 5_000, by: 2) { directory.remove("vm\(index)") }
            directory.add("new", StateFile("vms/new", ""))
            let rest = await blocking { stream.next(10_000) }
            #expect((first + rest).filter { $0.hasPrefix("vm") } == (0..<5_000).map { "vm\($0)" })
            let again = await blocking {
                stream.rewind()
                return stream.next(10_000)
            }
            #expect(again.count == 2_500 + 1 + 2)
            #expect(again.last == "new")
        }
    }

    @Test("tells only the type of what is not at hand, and lookups the rest")
    func notAtHand() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("slow", StateFile("slow", "x\n"))
            file.state.withLock { $0.statusWaits = true }
            mounted.tree.top.add("fast", StateFile("fast", "y\n"))
            let requests = await mounted.requests {
                #expect(await mounted.shell("ls -l | awk 'NR>1{print $5,$9}'").output == "2 fast\n2 slow\n")
            }
            #expect(requests["lookup"] == 1)
        }
    }

    @Test("lets go of what the kernel forgets")
    func forget() async throws {
        try await MountedTree.with { (mounted) async throws in
            let directory = mounted.tree.top.add("vms", TestDirectory("vms", inode: 500))
            fill(directory, 3_000)
            await mounted.shell("ls -l vms")
            #expect(mounted.mount.knownNodes > 3_000)
            let dropped = await until(.seconds(10)) {
                await mounted.shell("cd /; echo 2 > /proc/sys/vm/drop_caches")
                return mounted.mount.knownNodes < 10
            }
            #expect(dropped != nil)
            #expect(await mounted.shell("cat vms/vm7").output == "7\n")
        }
    }

    @Test("statfs counts resources and is not hidden by df")
    func statfs() async throws {
        try await MountedTree.with { (mounted) async throws in
            #expect(await mounted.shell("stat -f -c '%c %l' .").output == "42 255\n")
            #expect(await mounted.shell("df --output=source,fstype . | tail -1").output.contains("infrafs:test"))
            #expect(await mounted.shell("findmnt -no FSTYPE,SOURCE,OPTIONS .; true").output.contains("nosuid,nodev"))
        }
    }

    @Test("a name that is not there is no failure; one that is too long is")
    func missing() async throws {
        try await MountedTree.with { (mounted) async throws in
            #expect(await mounted.shell("stat nothing").output.contains("No such file"))
            #expect(mounted.tree.failures.isEmpty)
            #expect(await mounted.shell("stat $(printf '%0300d' 1)").output.contains("File name too long"))
            mounted.tree.top.add("later", StateFile("later", "now\n"))
            #expect(await mounted.shell("cat later").output == "now\n")
        }
    }
}

/// A directory open for reading by name.
final class DirectoryStream: @unchecked Sendable {
    // Unchecked: a test uses it from one thread at a time.
    private let stream: OpaquePointer?

    init(_ path: String) { stream = opendir(path) }

    deinit { if let stream { closedir(stream) } }

    func next(_ count: Int) -> [String] {
        guard let stream else { return [] }
        var names: [String] = []
        while names.count < count, let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    func rewind() { if let stream { rewinddir(stream) } }
}
