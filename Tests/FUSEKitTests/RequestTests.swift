import CLinux
import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// Requests that are answered late, by no one, or given up by the process.
@Suite struct RequestTests {
    @Test func laterAnswersFromATask() async throws {
        try await withMount {
            $0.add("late", .special(.later))
        } _: { mount in
            #expect(contents(mount.path + "/late") == .success("late\n"))
        }
    }

    @Test(arguments: [MemoryFileSystem.Special.forget, .forgetLater])
    func forgottenReplyIsAnInputOutputError(special: MemoryFileSystem.Special) async throws {
        try await withMount {
            $0.add("forgotten", .special(special))
        } _: { mount in
            #expect(contents(mount.path + "/forgotten") == .failure(.ioError))
            #expect(contents(mount.path + "/forgotten") == .failure(.ioError))
        }
    }

    @Test(arguments: [MemoryFileSystem.Special.hang, .hangTwice])
    func killedReaderIsLetGo(special: MemoryFileSystem.Special) async throws {
        try await withMount {
            $0.add("hang", .special(special))
        } _: { mount in
            let reader = try Child(["cat", mount.path + "/hang"])
            #expect(eventually { mount.files.log.contains { $0.hasPrefix("read ") } })
            #expect(kill(reader.pid, SIGKILL) == 0)
            #expect(reader.wait(seconds: 2) == SIGKILL)
            #expect(eventually { mount.files.state.withLock { $0.cancelled } == 1 })
        }
    }

    @Test func hangingReadsDoNotHoldUpOthers() async throws {
        try await withMount { files in
            files.add("hang", .special(.hang))
            files.add("file", .file(Array("here".utf8)))
        } _: { mount in
            let readers = try (0..<20).map { _ in try Child(["cat", mount.path + "/hang"]) }
            #expect(eventually { mount.files.log.filter { $0.hasPrefix("read ") }.count == 20 })
            #expect(contents(mount.path + "/file") == .success("here"))
            for reader in readers {
                #expect(kill(reader.pid, SIGTERM) == 0)
            }
            for reader in readers {
                #expect(reader.wait(seconds: 2) == SIGTERM)
            }
        }
    }

    @Test func interruptsAndAnswersMayCross() async throws {
        try await withMount { files in
            files.add("late", .special(.later))
        } _: { mount in
            // Kills at any moment of a request's life; every reader must end, and the mount must go on.
            for round in 0..<200 {
                let reader = try Child(["cat", mount.path + "/late"])
                usleep(UInt32(round * 10))
                kill(reader.pid, round.isMultiple(of: 2) ? SIGTERM : SIGKILL)
                #expect(reader.wait(seconds: 5) != nil)
            }
            #expect(contents(mount.path + "/late") == .success("late\n"))
        }
    }

    @Test func callerIsTheProcessThatAsks() async throws {
        try await onThread {
            let path = try temporaryDirectory()
            defer { rmdir(path) }
            let files = CallerFileSystem()
            let session = try Session(files, mountPoint: path, options: [])
            try session.mount()
            Thread.start {
                do throws(FUSEError) {
                    try session.run()
                } catch {
                    Issue.record("\(error)")
                }
            }
            #expect(failure(mkdir(path + "/x", 0o777)) == .noSpace)
            let caller = try #require(files.caller.withLock { $0 })
            #expect(caller.uid == geteuid())
            #expect(caller.gid == getegid())
            #expect(caller.pid == linux_gettid())
            session.unmount()
            #expect(eventually { !mountedPaths().contains(path) })
        }
    }
}

/// Remembers who makes a directory, and refuses it. The rest is what a file system gets without writing it.
private final class CallerFileSystem: FileSystem {
    let caller = Mutex<Caller?>(nil)

    func getAttributes(of inode: UInt64, handle: UInt64?, _ request: consuming Request) {
        request.reply(attributes: Attributes(inode: 1, mode: S_IFDIR | 0o777), timeout: 0)
    }

    func mkdir(_ name: String, in parent: UInt64, mode: UInt32, _ request: consuming Request) {
        let caller = request.caller
        self.caller.withLock { $0 = caller }
        request.fail(.noSpace)
    }
}
