import Glibc
import Synchronization
import SystemPackage
import Testing
import Tree

@testable import MountBridge

@Suite("Waiting", .serialized)
struct WaitingTests {
    @Test("ends when the reader is killed", arguments: [true, false], ["KILL", "INT"])
    func interrupt(listens: Bool, signal: String) async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("slow", SlowFile("slow", listens: listens))
            let start = ContinuousClock.now
            // A shell makes background children ignore SIGINT; env gives it back.
            let result = await mounted.shell(
                "env --default-signal=INT cat slow & p=$!; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; "
                    + "done; kill -\(signal) $p; wait $p; echo $?")
            #expect(result.output.hasSuffix(signal == "KILL" ? "137\n" : "130\n"), "\(result.output)")
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(file.reads.load(ordering: .relaxed) == 1)
            #expect(await until { file.cancelled.load(ordering: .relaxed) } != nil)
            #expect(await until { file.closed.load(ordering: .relaxed) == 1 } != nil)
            #expect(mounted.tree.failures.isEmpty)
            // Others were served meanwhile and are after.
            #expect(await mounted.shell("ls") == ("slow\n", 0))
        }
    }

    @Test("ends at the deadline with ETIMEDOUT, except for a stream")
    func deadline() async throws {
        try await MountedTree.with(MountBridgeOptions(deadline: .milliseconds(200))) { (mounted) async throws in
            mounted.tree.top.add("slow", SlowFile("slow", listens: false))
            let stream = mounted.tree.top.add("events", LineStream("events"))
            let result = await mounted.shell("cat slow")
            #expect(result.output.contains("Connection timed out"))
            #expect(mounted.tree.failures.map(\.errno) == ["ETIMEDOUT"])
            async let lines = mounted.shell("cat events")
            try await Task.sleep(for: .milliseconds(400))
            stream.append("one\n")
            stream.append("two\n")
            stream.append(nil)
            #expect(await lines == ("one\ntwo\n", 0))
        }
    }

    @Test("of one file holds up no other")
    func others() async throws {
        try await MountedTree.with { (mounted) async throws in
            mounted.tree.top.add("slow", SlowFile("slow", listens: true))
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            let result = await mounted.shell(
                "for i in 1 2 3 4 5 6 7 8; do timeout 1 cat slow & done; sleep 0.2; bash -c 'time -p cat status'; wait; true"
            )
            let real = result.output.split(separator: "\n").first { $0.hasPrefix("real") }
            #expect(real.flatMap { Double($0.dropFirst(5)) }.map { $0 < 0.2 } == true, "\(result.output)")
        }
    }

    @Test("a stream without data is EAGAIN for who must not wait, and poll tells when there is some")
    func pollStream() async throws {
        try await MountedTree.with { (mounted) async throws in
            let stream = mounted.tree.top.add("events", LineStream("events"))
            let path = "\(mounted.path)/events"
            let descriptor = await blocking { Glibc.open(path, O_RDONLY | O_NONBLOCK) }
            #expect(descriptor >= 0)
            let early = await blocking { () -> Int32 in
                var byte: UInt8 = 0
                return Glibc.read(descriptor, &byte, 1) < 0 ? errno : 0
            }
            #expect(early == EAGAIN)
            async let waited = blocking { () -> Duration in
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let start = ContinuousClock.now
                Glibc.poll(&request, 1, 5_000)
                return ContinuousClock.now - start
            }
            try await Task.sleep(for: .milliseconds(100))
            stream.append("line\n")
            let duration = await waited
            #expect(duration > .milliseconds(80) && duration < .seconds(2))
            close(descriptor)
        }
    }

    @Test("stop ends a mount that is in use, and what waits in it")
    func stopBusy() async throws {
        try await MountedTree.with(MountBridgeOptions(grace: .milliseconds(200))) { (mounted) async throws in
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            let slow = mounted.tree.top.add("slow", SlowFile("slow", listens: false))
            let held = try await blocking {
                try FileDescriptor.open(FilePath(mounted.path).appending("status"), .readOnly)
            }
            async let reader = mounted.shell("exec cat slow")
            #expect(await until { slow.reads.load(ordering: .relaxed) == 1 } != nil)
            let start = ContinuousClock.now
            await mounted.end()
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(await reader.status != 0)
            #expect(throws: Errno.self) { try held.rest() }
            try held.close()
            #expect(slow.closed.load(ordering: .relaxed) == 1)
        }
    }
}
