import CLinux
import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// Page cache, holes, events and extended attributes.
@Suite struct OpeningTests {
    @Test func seekFindsDataAndHoles() async throws {
        try await withMount {
            $0.add("sparse", .file([0, 0, 0, 7, 7, 0, 0]))
        } _: { mount in
            let descriptor = Glibc.open(mount.path + "/sparse", O_RDONLY)
            defer { close(descriptor) }
            #expect(lseek(descriptor, 0, Int32(linux_SEEK_DATA)) == 3)
            #expect(lseek(descriptor, 3, Int32(linux_SEEK_HOLE)) == 5)
            #expect(lseek(descriptor, 5, Int32(linux_SEEK_DATA)) == -1)
            #expect(errno == ENXIO)
            #expect(lseek(descriptor, 0, SEEK_END) == 7)
        }
    }

    @Test func pollWakesOnNotify() async throws {
        try await withMount {
            $0.add("events", .file([]))
        } _: { mount in
            let descriptor = Glibc.open(mount.path + "/events", O_RDONLY)
            defer { close(descriptor) }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            #expect(poll(&wait, 1, 0) == 0)
            Thread.start {
                usleep(50_000)
                let handles = mount.files.state.withLock { state in
                    state.nodes[2]?.kind = .file([1])
                    defer { state.nodes[2]?.polls = [] }
                    return state.nodes[2]?.polls ?? []
                }
                for handle in handles { handle.notify() }
            }
            #expect(poll(&wait, 1, 5000) == 1)
            #expect(wait.revents == Int16(POLLIN))
            mount.files.state.withLock { $0.nodes[2]?.polls = [] }
        }
    }

    @Test func extendedAttributesHonourTheSizes() async throws {
        try await withMount {
            $0.add("file", .file([]))
        } _: { mount in
            let path = mount.path + "/file"
            #expect(setxattr(path, "user.one", "value", 5, 0) == 0)
            #expect(setxattr(path, "user.two", "", 0, 0) == 0)
            #expect(getxattr(path, "user.one", nil, 0) == 5)
            var value = [UInt8](repeating: 0, count: 16)
            #expect(getxattr(path, "user.one", &value, 16) == 5)
            #expect(value.prefix(5) == ArraySlice("value".utf8))
            #expect(getxattr(path, "user.one", &value, 4) == -1)
            #expect(errno == ERANGE)
            #expect(getxattr(path, "user.none", &value, 16) == -1)
            #expect(errno == ENODATA)
            #expect(listxattr(path, nil, 0) == 18)
            var names = [CChar](repeating: 0, count: 32)
            #expect(listxattr(path, &names, 32) == 18)
            #expect(names.prefix(18).map { UInt8($0) } == Array("user.one\0user.two\0".utf8))
            #expect(removexattr(path, "user.two") == 0)
            #expect(listxattr(path, nil, 0) == 9)
        }
    }

    @Test func keptCacheNeedsOneRequestAReading() async throws {
        try await withMount { files in
            files.state.withLock {
                $0.timeout = 60
                $0.keepCache = true
            }
            files.add("file", .file(Array("cached".utf8)))
        } _: { mount in
            let path = mount.path + "/file"
            #expect(contents(path) == .success("cached"))
            mount.files.state.withLock { $0.log = [] }
            #expect(contents(path) == .success("cached"))
            // noFlush: the close is not told; the release goes by itself.
            #expect(mount.files.log.filter { !$0.hasPrefix("release") } == ["open readOnly truncate=false"])
        }
    }

    @Test func invalidationShowsWhatChanged() async throws {
        try await withMount { files in
            files.state.withLock {
                $0.timeout = 60
                $0.keepCache = true
            }
            files.add("file", .file(Array("before".utf8)))
        } _: { mount in
            let path = mount.path + "/file"
            #expect(contents(path) == .success("before"))
            mount.files.state.withLock { $0.nodes[2]?.kind = .file(Array("after it".utf8)) }
            #expect(contents(path) == .success("before"))
            #expect(mount.session.notifier.invalidate(inode: 2) == nil)
            #expect(contents(path) == .success("after it"))
            #expect(mount.session.notifier.invalidate(inode: 99) == .noSuchFileOrDirectory)
        }
    }

    @Test func entriesAreInvalidatedExpiredAndDeleted() async throws {
        try await withMount { files in
            files.state.withLock { $0.timeout = 60 }
            for name in ["a", "b", "c"] { files.add(name, .file([])) }
        } _: { mount in
            var status = stat()
            for name in ["a", "b", "c"] { #expect(stat(mount.path + "/" + name, &status) == 0) }
            mount.files.state.withLock { state in
                for name in ["a", "b", "c"] { state.setChild(name, of: 1, to: nil) }
            }
            // Cached: still there for the kernel.
            for name in ["a", "b", "c"] { #expect(stat(mount.path + "/" + name, &status) == 0) }
            #expect(mount.session.notifier.invalidate(entry: "a", parent: 1) == nil)
            #expect(mount.session.notifier.expire(entry: "b", parent: 1) == nil)
            #expect(mount.session.notifier.delete(entry: "c", child: 4, parent: 1) == nil)
            for name in ["a", "b", "c"] {
                #expect(failure(stat(mount.path + "/" + name, &status)) == .noSuchFileOrDirectory)
            }
            #expect(mount.session.notifier.invalidate(entry: "none", parent: 1) == .noSuchFileOrDirectory)
        }
    }

    @Test func statisticsMakeTheMountVisible() async throws {
        try await withMount { _ in
        } _: { mount in
            var statistics = statvfs()
            #expect(statvfs(mount.path, &statistics) == 0)
            #expect(statistics.f_blocks * statistics.f_frsize == 1 << 50)
            #expect(statistics.f_bavail == statistics.f_blocks)
            #expect(statistics.f_namemax == 255)
        }
    }
}
