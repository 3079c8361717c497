import CFUSE
import FUSEKit
import Glibc
import SystemPackage
import Testing

/// What may be mounted on, and what is in the way.
@Suite struct MountPointTests {
    @Test func anEmptyDirectoryWillDo() throws {
        let path = try temporaryDirectory()
        defer { rmdir(path) }
        #expect(try MountPoint.check(path + "/.") == path)
        #expect(try MountPoint.prepare(path) == false)
        #expect(try !MountPoint.isStale(path))
    }

    @Test func whatIsInTheWayIsNamed() throws {
        let path = try temporaryDirectory()
        defer {
            unlink(path + "/file")
            rmdir(path)
        }
        try overwrite(path + "/file", "")
        expectRefusal(path, .directoryNotEmpty, saying: "not empty")
        expectRefusal(path + "/file", .notDirectory, saying: "not a directory")
        expectRefusal(path + "/none", .noSuchFileOrDirectory, saying: "mkdir")
        expectRefusal("/proc", .resourceBusy, saying: "already a mount point")
    }

    @Test func aLiveMountIsRefused() async throws {
        try await withMount {
            $0.add("directory", .directory([:]), permissions: 0o755)
        } _: { mount in
            expectRefusal(mount.path, .resourceBusy, saying: "memory (fuse.fusekit)")
            expectRefusal(mount.path + "/directory", .resourceBusy, saying: "within", notWithin: "fuse.fusekit")
            let recovered = try MountPoint.prepare(mount.path + "/directory", notWithin: "fuse.other")
            #expect(!recovered)
            #expect(contents(mount.path + "/none") == .failure(.noSuchFileOrDirectory))
        }
    }

    @Test func stalenessIsRecovered() async throws {
        try await onThread {
            let path = try temporaryDirectory()
            defer { rmdir(path) }
            // Two daemons, one after the other, that went without unmounting.
            for _ in 0..<2 { try leaveStaleMount(at: path) }
            #expect(mountedPaths().filter { $0 == path }.count == 2)
            #expect(try MountPoint.isStale(path))
            #expect(try MountPoint.check(path + "/") == path)
            #expect(mountedPaths().contains(path))
            #expect(try MountPoint.prepare(path))
            #expect(!mountedPaths().contains(path))
            #expect(try !MountPoint.isStale(path))
        }
    }

    @Test func unmountSaysWhatIsWrong() async throws {
        try await withMount { _ in
        } _: { mount in
            let inside = try Child(["sleep", "60"], directory: mount.path)
            let error = #expect(throws: FUSEError.self) { try MountPoint.unmount(mount.path, lazy: false) }
            #expect(error?.errno == .resourceBusy)
            #expect(kill(inside.pid, SIGKILL) == 0)
            #expect(inside.wait(seconds: 2) == SIGKILL)
        }
        #expect(throws: FUSEError.self) { try MountPoint.unmount("/usr", lazy: false) }
    }

    private func expectRefusal(
        _ path: String, _ errno: Errno, saying words: String, notWithin type: String? = nil
    ) {
        let error = #expect(throws: FUSEError.self) { try MountPoint.prepare(path, notWithin: type) }
        #expect(error?.errno == errno)
        #expect(error?.message.hasPrefix(path + ": ") == true)
        #expect(error?.message.contains(words) == true)
        #expect(error?.message.contains("\n") == false)
    }

    /// Mounts as a daemon does, and closes the connection as the kernel does when the daemon is killed.
    private func leaveStaleMount(at path: String) throws {
        let device = try FileDescriptor.open("/dev/fuse", .readWrite)
        let options = "fd=\(device.rawValue),rootmode=40000,user_id=\(geteuid()),group_id=\(getegid())"
        #expect(mount("stale", path, "fuse.fusekit", UInt(MS_NOSUID), options) == 0)
        try device.close()
    }
}
