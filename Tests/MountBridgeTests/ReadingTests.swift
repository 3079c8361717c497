import Glibc
import Synchronization
import SystemPackage
import Testing
import Tree

@testable import MountBridge

@Suite("Reading a state file", .serialized)
struct ReadingTests {
    @Test("of unchanged content costs one round trip")
    func oneRoundTrip() async throws {
        try await MountedTree.with { (mounted) async throws in
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            #expect(try await mounted.text("status") == "up\n")
            let requests = try await mounted.requests {
                for _ in 0..<100 { _ = try await mounted.text("status") }
            }
            #expect(requests == ["open": 100])
        }
    }

    @Test("of changed content gives all of it and no more, though nobody told", arguments: [131_072, 4096, 7])
    func outOfBandChange(piece: Int) async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("info", StateFile("info", "first\n"))
            var random = SplitMix(seed: 7)
            for round in 0..<100 {
                let size = round % 7 == 0 ? 0 : Int.random(in: 1...9000, using: &random)
                let content = (0..<size).map { UInt8(truncatingIfNeeded: 33 + ($0 + round) % 90) }
                file.set(content)
                #expect(try await mounted.contents("info", piece: piece) == content, "round \(round)")
                #expect(await mounted.size("info") == size)
            }
        }
    }

    @Test("gives the whole of it after growth even when the attributes are an hour good and the file is held open")
    func growthWhileOpen() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("info", StateFile("info", "short\n"))
            let path = FilePath(mounted.path).appending("info")
            let held = try await blocking { try FileDescriptor.open(path, .readOnly) }
            #expect(try await blocking { try held.rest() } == Array("short\n".utf8))
            file.set("short\nand longer now\n")
            #expect(try await mounted.text("info") == "short\nand longer now\n")
            // Who has it open goes on where it was, as tail -f does.
            try await Task.sleep(for: .milliseconds(60))
            #expect(try await blocking { try held.rest() } == Array("and longer now\n".utf8))
            file.set("tiny\n")
            #expect(try await mounted.text("info") == "tiny\n")
            try await blocking { try held.close() }
        }
    }

    @Test("by tools agrees with stat")
    func tools() async throws {
        try await MountedTree.with { (mounted) async throws in
            let text = String(repeating: "0123456789abcde\n", count: 700)
            mounted.tree.top.add("info", StateFile("info", text))
            let copied = await mounted.shell(
                "cp info /tmp/infrafs-copy.$$ && cmp info /tmp/infrafs-copy.$$; rm /tmp/infrafs-copy.$$")
            #expect(copied == ("", 0))
            #expect(
                await mounted.shell("wc -c < info; stat -c '%s %b %B %h' info; tail -c 5 info").output
                    == "11200\n11200 22 512 1\nbcde\n")
            #expect(
                await mounted.shell(
                    "tar -cf - info | tar -xOf - | cmp - info; python3 -c \"import mmap;f=open('info','rb');print(len(mmap.mmap(f.fileno(),0,prot=mmap.PROT_READ)[:]))\""
                ).output == "11200\n")
        }
    }

    @Test("that is not rendered whole bypasses the cache")
    func lastingValidity() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("age", StateFile("age", "1\n", validity: .none))
            #expect(try await mounted.text("age") == "1\n")
            for value in [22, 333, 4] {
                file.set("\(value)\n")
                #expect(await mounted.size("age") == "\(value)\n".count)
                #expect(try await mounted.text("age") == "\(value)\n")
            }
        }
    }

    @Test("shows what stat should: type, bits, times, owner")
    func attributes() async throws {
        try await MountedTree.with { (mounted) async throws in
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            #expect(
                await mounted.shell("stat -c '%A %u %g %Y' status . ; stat -c '%i %F' .").output
                    == "-rw------- \(getuid()) \(getgid()) 1700000000\ndrwx------ \(getuid()) \(getgid()) 1700000000\n1 directory\n"
            )
        }
    }

    @Test("while it changes gives one version each time, and the whole of it")
    func changing() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("info", StateFile("info", "aaaa"))
            let seen = Seen()
            let path = FilePath(mounted.path).appending("info")
            async let first: Void = blocking { seen.readUntilStopped(path) }
            async let second: Void = blocking { seen.readUntilStopped(path) }
            await blocking {
                for round in 0..<500 {
                    file.set([UInt8](repeating: round % 2 == 0 ? 98 : 99, count: round % 2 == 0 ? 5000 : 100))
                    if round % 3 == 0 { mounted.tree.tell(.node(inode: file.inode)) }
                    usleep(1000)
                }
                seen.isStopped.store(true, ordering: .relaxed)
            }
            _ = await (first, second)
            let counts = seen.counts.withLock { $0 }
            #expect(Set(counts.keys).isSubset(of: ["4 of a", "5000 of b", "100 of c"]), "\(counts)")
            #expect(counts.values.reduce(0, +) > 100)
        }
    }
}

/// What readers of a file that changes have seen.
private final class Seen: Sendable {
    let isStopped = Atomic(false)
    let counts = Mutex<[String: Int]>([:])

    func readUntilStopped(_ path: FilePath) {
        while !isStopped.load(ordering: .relaxed) {
            let reading = Result { () throws -> String in
                let file = try FileDescriptor.open(path, .readOnly)
                let bytes = try file.closeAfter { try file.rest() }
                return "\(bytes.count) of \(String(decoding: Set(bytes).sorted(), as: UTF8.self))"
            }
            let sight = (try? reading.get()) ?? "\(reading)"
            counts.withLock { $0[sight, default: 0] += 1 }
        }
    }
}

/// A generator of random numbers with a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
