import Glibc
import ProviderAPI
import Synchronization
import Testing

@testable import MountBridge

@Suite("Writing", .serialized)
struct WritingTests {
    @Test("a value takes effect, and a read shows it")
    func value() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", StateFile("status", "down\n"))
            #expect(await mounted.shell("cat status").output == "down\n")
            #expect(await mounted.shell("echo starting > status && cat status") == ("starting\n", 0))
            #expect(await mounted.shell("printf up > status && cat status; stat -c %s status") == ("up2\n", 0))
            #expect(await mounted.shell("echo more >> status; cat status").output == "more\n")
            #expect(await mounted.shell("echo tee | tee status >/dev/null; cat status").output == "tee\n")
            #expect(file.state.withLock { $0.writes } == ["starting\n", "up", "more\n", "tee\n"])
        }
    }

    @Test("what is refused is seen by the writer, once, and recorded once")
    func refusal() async throws {
        try await MountedTree.with { (mounted) async throws in
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            let bogus = await mounted.shell("/bin/echo bogus > status")
            #expect(bogus.status == 1 && bogus.output.contains("Invalid argument"))
            let busy = await mounted.shell("/bin/echo busy > status && echo not reached")
            #expect(busy.status == 1 && busy.output.contains("Device or resource busy"))
            #expect(!busy.output.contains("not reached"))
            #expect(await mounted.shell("cat status").output == "up\n")
            #expect(
                mounted.tree.failures == [
                    .init(code: .invalidValue, errno: "EINVAL", operation: "write", path: "status"),
                    .init(code: .busy, errno: "EBUSY", operation: "write", path: "status"),
                ])
        }
    }

    @Test("touch, chmod, chown, truncation and an empty redirection change nothing")
    func nothing() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", StateFile("status", "up\n"))
            let result = await mounted.shell(
                "touch status; : > status; truncate -s0 status; chmod 644 status; chmod 600 status; chown 0:0 status; "
                    + "touch -d yesterday status; cat status; stat -c '%s %Y' status")
            #expect(result == ("up\n3 1700000000\n", 0))
            #expect(file.state.withLock { $0.writes.isEmpty && !$0.isPublic })
            #expect(mounted.tree.failures.isEmpty)
        }
    }

    @Test("chmod o+r makes public, a whole mode does not")
    func publish() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("object", StateFile("object", "x"))
            await mounted.shell("chmod 644 object")
            #expect(!file.state.withLock { $0.isPublic })
            #expect(await mounted.shell("chmod o+r object; stat -c %a object").output == "604\n")
            #expect(file.state.withLock { $0.isPublic })
            #expect(await mounted.shell("chmod o-r object; stat -c %a object").output == "600\n")
            #expect(!file.state.withLock { $0.isPublic })
        }
    }

    @Test("mkdir, rmdir, create and rm reach the tree, and their refusals the caller")
    func names() async throws {
        try await MountedTree.with { (mounted) async throws in
            #expect(
                await mounted.shell("mkdir a && cd a && mkdir b && echo new > f && ls -A && cat f") == (
                    "b\nf\nnew\n", 0
                ))
            #expect(await mounted.shell("rm a/f && rmdir a/b a && ls -A") == ("", 0))
            #expect(await mounted.shell("mkdir quota").output.contains("Disk quota exceeded"))
            #expect(await mounted.shell("ln -s x y").output.contains("Operation not permitted"))
            #expect(await mounted.shell("mkfifo y").output.contains("Operation not permitted"))
            #expect(await mounted.shell("touch f; ln f g").output.contains("Operation not permitted"))
        }
    }

    @Test("rename moves, replaces, refuses; the new name is the new thing at once")
    func rename() async throws {
        try await MountedTree.with { (mounted) async throws in
            let drafts = mounted.tree.top.add("drafts", TestDirectory("drafts", inode: 500))
            let machines = mounted.tree.top.add("vms", TestDirectory("vms", inode: 501))
            // A draft that is moved becomes another thing, as a commit makes it.
            machines.state.withLock { state in
                state.adopted = { _ in
                    let machine = TestDirectory("vms/web1", inode: TestDirectory.freshInode())
                    machine.add("status", StateFile("vms/web1/status", "starting\n"))
                    return machine
                }
            }
            let draft = drafts.add("web1", TestDirectory("drafts/web1", inode: 502))
            draft.add("memory", StateFile("drafts/web1/memory", "512\n"))
            #expect(
                await mounted.shell(
                    "cat drafts/web1/memory; mv -T drafts/web1 vms/web1 && cat vms/web1/status && ls vms drafts")
                    == ("512\nstarting\ndrafts:\n\nvms:\nweb1\n", 0))
            #expect(await until { await mounted.shell("cat vms/web1/memory").output.contains("No such file") } != nil)
            mounted.tree.top.add("f", StateFile("f", "f\n"))
            mounted.tree.top.add("g", StateFile("g", "g\n"))
            #expect(await mounted.shell("cat g; mv f g; cat g").output == "g\nf\n")
            #expect(await mounted.shell("mv g refused").output.contains("Device or resource busy"))
            let exchange =
                "import ctypes,os;l=ctypes.CDLL(None,use_errno=True);"
                + "print(l.renameat2(-100,b'g',-100,b'vms',2),ctypes.get_errno())"
            #expect(await mounted.shell("python3 -c \"\(exchange)\"").output == "-1 22\n")
        }
    }

    @Test("on a read-only mount is EROFS")
    func readOnly() async throws {
        try await MountedTree.with(MountBridgeOptions(readOnly: true)) { (mounted) async throws in
            mounted.tree.top.add("status", StateFile("status", "up\n"))
            #expect(await mounted.shell("echo x > status").output.contains("Read-only file system"))
            #expect(await mounted.shell("mkdir x").output.contains("Read-only file system"))
        }
    }

    @Test("extended attributes are read, copied along, and not kept")
    func extendedAttributes() async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", StateFile("status", "up\n"))
            let list = "import os;print(os.listxattr('status'),os.getxattr('status','user.infrafs.id'))"
            #expect(await mounted.shell("python3 -c \"\(list)\"").output == "['user.infrafs.id'] b'i-\(file.inode)'\n")
            let missing =
                "import os\nfor n in ['user.infrafs.x','user.y','security.capability','system.posix_acl_access']:\n"
                + " try: os.getxattr('status',n)\n except OSError as e: print(e.errno)\n"
            #expect(await mounted.shell("python3 -c \"\(missing)\"").output == "61\n61\n61\n95\n")
            #expect(
                await mounted.shell("mkdir d && cp -a status d/copy && cat d/copy && ls -l d >/dev/null") == ("up\n", 0)
            )
            #expect(mounted.tree.failures.isEmpty)
        }
    }
}
