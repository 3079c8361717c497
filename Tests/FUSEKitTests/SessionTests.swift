import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// How a session begins and ends.
@Suite struct SessionTests {
    @Test func exitEndsAnIdleSession() async throws {
        try await onThread {
            let mount = try TestMount()
            // Let it settle in read(2) first.
            #expect(try list(mount.path) == [])
            usleep(50_000)
            let start = ContinuousClock.now
            mount.session.exit()
            #expect(mount.waitForEnd(seconds: 5))
            #expect(ContinuousClock.now - start < .seconds(1))
            #expect(!mount.isMounted)
            mount.close()
        }
    }

    @Test func exitServesWhoIsInsideForTheGrace() async throws {
        try await onThread {
            let mount = try TestMount { $0.add("file", .file(Array("here".utf8))) }
            let inside = try Child(["sleep", "60"], directory: mount.path)
            let start = ContinuousClock.now
            mount.session.exit(grace: .milliseconds(400))
            usleep(200_000)
            #expect(contents(mount.path + "/file") == .success("here"))
            #expect(mount.waitForEnd(seconds: 5))
            #expect(ContinuousClock.now - start >= .milliseconds(400))
            #expect(!mount.isMounted)
            #expect(kill(inside.pid, SIGKILL) == 0)
            #expect(inside.wait(seconds: 2) == SIGKILL)
            mount.close()
        }
    }

    @Test func exitEndsAsSoonAsTheLastOneLeaves() async throws {
        try await onThread {
            let mount = try TestMount()
            let inside = try Child(["sleep", "60"], directory: mount.path)
            mount.session.exit(grace: .seconds(30))
            usleep(300_000)
            #expect(mount.isMounted)
            #expect(kill(inside.pid, SIGKILL) == 0)
            #expect(inside.wait(seconds: 2) == SIGKILL)
            #expect(mount.waitForEnd(seconds: 5))
            mount.close()
        }
    }

    @Test func unmountFreesThoseWhoWait() async throws {
        try await onThread {
            let mount = try TestMount { $0.add("hang", .special(.hang)) }
            let reader = try Child(["cat", mount.path + "/hang"])
            #expect(eventually { mount.files.log.contains { $0.hasPrefix("read ") } })
            mount.session.unmount()
            #expect(mount.waitForEnd(seconds: 5))
            let status = try #require(reader.wait(seconds: 5))
            #expect(status != 0)
            mount.close()
        }
    }

    @Test func unmountFromOutsideEndsTheSession() async throws {
        try await onThread {
            let mount = try TestMount()
            let command = try Child(["fusermount3", "-u", mount.path])
            #expect(command.wait(seconds: 5) == 0)
            #expect(mount.waitForEnd(seconds: 5))
            #expect(mount.failure == nil)
            mount.close()
        }
    }

    @Test func endingLeavesAnotherMountAtThePathAlone() async throws {
        try await onThread {
            let below = try TestMount()
            let above = try Session(MemoryFileSystem(), mountPoint: below.path, options: ["fsname=above"])
            try above.mount()
            #expect(mountedPaths().filter { $0 == below.path }.count == 2)
            below.session.exit(grace: .milliseconds(100))
            #expect(below.waitForEnd(seconds: 5))
            #expect(mountedPaths().contains(below.path))
            above.unmount()
            #expect(eventually { mountedPaths().filter { $0 == below.path }.count == 1 })
            try MountPoint.unmount(below.path, lazy: true)
            below.close()
        }
    }

    @Test func aSessionThatNeverRanTakesItsMountOff() async throws {
        try await onThread {
            let path = try temporaryDirectory()
            defer { rmdir(path) }
            do {
                let session = try Session(MemoryFileSystem(), mountPoint: path, options: [])
                try session.mount()
                #expect(mountedPaths().contains(path))
            }
            #expect(!mountedPaths().contains(path))
        }
    }

    /// The end may come before the thread that is to serve does, which must not return with the mount still there: a
    /// daemon exits then, and leaves a dead mount.
    @Test func runReturnsAfterTheMountIsGoneHoweverEarlyTheEnd() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    try await onThread {
                        for _ in 0..<25 { try TestMount().close() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func nameAndTypeAreInTheMountTable() async throws {
        try await onThread {
            let mount = try TestMount(options: ["fsname=a,b\\c", "subtype=fusekit", "default_permissions"])
            guard case .success(let table) = contents("/proc/self/mounts") else {
                Issue.record("no table")
                return
            }
            #expect(table.contains("a,b\\134c \(mount.path) fuse.fusekit "))
            #expect(table.contains("default_permissions"))
            mount.close()
        }
    }

    @Test func unknownOptionsAreNamed() throws {
        let error = #expect(throws: FUSEError.self) {
            try Session(MemoryFileSystem(), mountPoint: "/nowhere", options: ["colour=red"])
        }
        #expect(error?.message.contains("colour=red") == true)
        #expect(throws: FUSEError.self) {
            try Session(MemoryFileSystem(), mountPoint: "/nowhere", options: ["auto_unmount"])
        }
    }

    @Test func aMountThatFailsNamesThePath() throws {
        let session = try Session(MemoryFileSystem(), mountPoint: "/nowhere/at/all", options: [])
        let error = #expect(throws: FUSEError.self) { try session.mount() }
        #expect(error?.message.contains("/nowhere/at/all") == true)
        #expect(error?.message.contains("\n") == false)
        #expect(throws: FUSEError.self) { try session.run() }
    }
}
