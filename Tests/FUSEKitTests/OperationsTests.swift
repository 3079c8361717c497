import CFUSE
import CLinux
import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// Each operation through the kernel, as a process sees it.
@Suite struct OperationsTests {
    @Test func attributesAreTheFileSystems() async throws {
        try await withMount {
            $0.add("file", .file(Array("hello\n".utf8)), permissions: 0o640)
        } _: { mount in
            var status = stat()
            #expect(stat(mount.path + "/file", &status) == 0)
            #expect(status.st_mode == S_IFREG | 0o640)
            #expect(status.st_size == 6)
            #expect(status.st_blocks == 1)
            #expect(status.st_ino == 1002)
            #expect(status.st_nlink == 1)
            #expect(status.st_mtim.tv_sec == 1_700_000_000)
            #expect(status.st_mtim.tv_nsec == 5)
            #expect(failure(stat(mount.path + "/none", &status)) == .noSuchFileOrDirectory)
        }
    }

    @Test func connectionIsAsTheDefaultsSay() async throws {
        try await withMount { _ in
        } _: { mount in
            _ = try list(mount.path)
            let (wanted, maximumWrite) = mount.files.state.withLock { ($0.wanted, $0.maximumWrite) }
            #expect(
                wanted.isSuperset(of: [
                    .readdirPlus, .atomicTruncate, .automaticInvalidation, .parallelDirectoryOperations,
                    .asynchronousRead,
                ]))
            #expect(wanted.isDisjoint(with: [.readdirPlusAutomatic, .writebackCache]))
            #expect(maximumWrite == 1 << 20)
        }
    }

    @Test func readsReturnTheContent() async throws {
        let text = String(repeating: "0123456789abcdef", count: 20_000)
        try await withMount {
            $0.add("empty", .file([]))
            $0.add("large", .file(Array(text.utf8)))
        } _: { mount in
            #expect(contents(mount.path + "/empty") == .success(""))
            #expect(contents(mount.path + "/large") == .success(text))
            #expect(contents(mount.path) == .failure(.isDirectory))
        }
    }

    @Test func writesArriveWithTheirFlags() async throws {
        try await withMount {
            $0.add("old", .file(Array("previous".utf8)))
        } _: { mount in
            try overwrite(mount.path + "/old", "up\n")
            try overwrite(mount.path + "/new", "down\n")
            #expect(contents(mount.path + "/old") == .success("up\n"))
            #expect(contents(mount.path + "/new") == .success("down\n"))
            let log = mount.files.log
            #expect(log.contains("open writeOnly truncate=true"))
            #expect(log.contains("create new writable=true exclusive=false"))
            #expect(log.contains("write 0 3"))
            #expect(log.contains("flush 7"))
            #expect(eventually { mount.files.log.contains("release 7") })
        }
    }

    @Test func oneWriteCarriesAMebibyte() async throws {
        try await withMount { _ in
        } _: { mount in
            // Direct I/O, since the page cache splits a write by itself, and so does a buffer that begins within a page.
            mount.files.add("sink", .special(.forget))
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
            defer { bytes.deallocate() }
            bytes.initializeMemory(as: UInt8.self, repeating: 1)
            let descriptor = try FileDescriptor.open(mount.path + "/sink", .writeOnly)
            let count = try descriptor.closeAfter { try descriptor.write(UnsafeRawBufferPointer(bytes)) }
            #expect(count == 1 << 20)
            #expect(mount.files.log.contains("write 0 \(1 << 20)"))
        }
    }

    @Test func changesOfAttributesArrive() async throws {
        try await withMount {
            $0.add("file", .file(Array("0123456789".utf8)))
        } _: { mount in
            let path = mount.path + "/file"
            #expect(truncate(path, 4) == 0)
            #expect(contents(path) == .success("0123"))
            #expect(chmod(path, 0o600) == 0)
            let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 12, tv_nsec: 34)]
            #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o600)
            #expect(status.st_mtim.tv_sec == 12 && status.st_mtim.tv_nsec == 34)
            #expect(utimensat(AT_FDCWD, path, nil, 0) == 0)
            #expect(stat(path, &status) == 0)
            #expect(abs(status.st_mtim.tv_sec - time(nil)) < 5)
        }
    }

    @Test func namesAreMadeMovedAndRemoved() async throws {
        try await withMount { _ in
        } _: { mount in
            let path = mount.path
            #expect(mkdir(path + "/one", 0o755) == 0)
            #expect(mkdir(path + "/two", 0o755) == 0)
            #expect(symlink("one/x", path + "/link") == 0)
            var target = [CChar](repeating: 0, count: 64)
            #expect(readlink(path + "/link", &target, 64) == 5)
            #expect(target.prefix(5).map { UInt8($0) } == Array("one/x".utf8))
            try overwrite(path + "/one/x", "x")
            #expect(failure(rmdir(path + "/one")) == .directoryNotEmpty)
            #expect(rename(path + "/one/x", path + "/two/y") == 0)
            #expect(try list(path + "/two") == ["y"])
            #expect(unlink(path + "/two/y") == 0)
            #expect(rmdir(path + "/one") == 0)
            #expect(try list(path) == ["link", "two"])
        }
    }

    @Test func renameHasItsFlags() async throws {
        try await withMount {
            $0.add("a", .file(Array("A".utf8)))
            $0.add("b", .file(Array("B".utf8)))
        } _: { mount in
            let (first, second) = (mount.path + "/a", mount.path + "/b")
            #expect(failure(renameExactly(first, second, .noReplace)) == .fileExists)
            #expect(failure(renameExactly(first, second, .exchange)) == nil)
            #expect(contents(first) == .success("B"))
            #expect(contents(second) == .success("A"))
        }
    }

    @Test func namesThatAreNotTextNeverArrive() async throws {
        try await withMount { _ in
        } _: { mount in
            // The byte ff occurs in no UTF-8 text.
            let path = Array(mount.path.utf8).map { CChar(bitPattern: $0) } + [0x2f, -1, 0]
            var status = stat()
            #expect(failure(stat(path, &status)) == .noSuchFileOrDirectory)
            #expect(failure(mkdir(path, 0o755)) == .illegalByteSequence)
            #expect(failure(symlink("x", path)) == .illegalByteSequence)
            #expect(failure(rename(mount.path + "/none", mount.path + "/other")) == .noSuchFileOrDirectory)
            #expect(mount.files.log.allSatisfy { !$0.hasPrefix("lookup \u{fffd}") })
            let names = try list(mount.path)
            #expect(names.isEmpty)
        }
    }

    private func renameExactly(_ old: String, _ new: String, _ flags: RenameFlags) -> Int32 {
        linux_renameat2(AT_FDCWD, old, AT_FDCWD, new, flags.rawValue)
    }
}
