import Inventory
import ProviderAPI
import ProviderTesting
import Synchronization
import SystemPackage
import Testing
import Tree

@testable import MountBridge

/// What the kernel keeps: attributes, pages, names. An answer that was worked out before a change and comes after it must
/// not be kept.
@Suite("An answer from before a change", .serialized)
struct EpochTests {
    @Test("does not bring the old size or content back", arguments: LateFile.Question.allCases)
    func late(question: LateFile.Question) async throws {
        try await MountedTree.with { (mounted) async throws in
            let file = mounted.tree.top.add("status", LateFile())
            if question != .lookup { #expect(try await mounted.text("status") == "old and long\n") }
            // The kernel has to ask again.
            if question == .getattr {
                mounted.tree.tell(.node(inode: file.inode))
                #expect(await until { await !mounted.requests { _ = await mounted.size("status") }.isEmpty } != nil)
                mounted.tree.tell(.node(inode: file.inode))
            }
            file.hold()
            async let before = mounted.shell(question == .open ? "cat status" : "stat -c %s status")
            #expect(await until { file.heldCount > 0 } != nil, "nobody asked")
            file.set("new\n")
            mounted.tree.tell(.node(inode: file.inode))
            file.release()
            _ = await before
            let delay = await until { await mounted.size("status") == 4 }
            #expect(delay != nil, "the old size stays")
            for _ in 0..<10 {
                #expect(try await mounted.text("status") == "new\n")
                #expect(await mounted.size("status") == 4)
            }
        }
    }

    @Test("of the platform does not undo a write: neither in stat, nor in content, nor in a listing")
    func write() async throws {
        try await StackedMount.with { (stack, mounted) async throws in
            try await stack.beginLateListing(mounted)
            #expect(await mounted.shell("echo 16 > lab/vms/a/memory") == ("", 0))
            let time = await mounted.shell("stat -c %Y lab/vms/a/memory").output
            for round in 0..<12 {
                if round == 4 { await stack.endLateListing() }
                #expect(await mounted.size("lab/vms/a/memory") == 3)
                #expect(try await mounted.text("lab/vms/a/memory") == "16\n")
                #expect(await mounted.shell("ls -l lab/vms/a | awk '$NF == \"memory\" { print $5 }'").output == "3\n")
                #expect(await mounted.shell("stat -c %Y lab/vms/a/memory").output == time)
                #expect(try await mounted.text("lab/vms/a/info").contains("memory: 16\n"))
            }
        }
    }

    @Test("of the platform brings nothing back that was deleted, and takes away nothing that was made or renamed")
    func names() async throws {
        try await StackedMount.with { (stack, mounted) async throws in
            try await stack.beginLateListing(mounted)
            #expect(await mounted.shell("rmdir lab/vms/b && mkdir lab/vms/c && mv lab/vms/a lab/vms/d") == ("", 0))
            for round in 0..<12 {
                if round == 4 { await stack.endLateListing() }
                #expect(await mounted.shell("ls lab/vms").output == "c\nd\n")
                #expect(await mounted.size("lab/vms/b") < 0)
                #expect(await mounted.size("lab/vms/a") < 0)
                #expect(try await mounted.text("lab/vms/d/memory") == "1024\n")
                #expect(try await mounted.text("lab/vms/c/name") == "c\n")
            }
        }
    }
}

/// A real mount of a real tree over machines whose listing a test holds back.
private struct StackedMount: Sendable {
    let time = ManualTime()
    let machines = StubMachines.collection([StubMachines.machine("a"), StubMachines.machine("b")])
    let provider: MountedProvider

    private init() {
        provider = MountedProvider(StubProvider(machines), policy: Policy(cache: .seconds(5)), time: time.source)
    }

    static func with(_ body: (StackedMount, MountedTree) async throws -> Void) async throws {
        let stack = StackedMount()
        try await MountedTree.with(over: stack.provider.tree) { mounted in try await body(stack, mounted) }
        await stack.provider.tree.close()
    }

    /// Makes the kernel keep what there is, and has a listing begin that knows no later change.
    func beginLateListing(_ mounted: MountedTree) async throws {
        #expect(await mounted.shell("ls -l lab/vms lab/vms/a lab/vms/b; cat lab/vms/*/info").status == 0)
        machines.hold(.list)
        time.advance(.seconds(6))
        _ = await mounted.shell("ls lab/vms; stat lab/vms/a/memory")
        #expect(await eventually { machines.heldCount(.list) == 1 })
    }

    /// Lets it come.
    func endLateListing() async {
        machines.release(.list)
        #expect(await eventually { machines.heldCount(.list) == 0 })
    }
}

/// A file whose answers a test holds back: they tell what was so when they were asked for.
final class LateFile: FileNode {
    /// What the kernel asks.
    enum Question: Sendable, CaseIterable { case lookup, getattr, open }

    private struct State {
        var text = "old and long\n"
        var modified: Int64 = 1_700_000_000_000_000_000
        var isHeld = false
        var held = 0
    }

    let inode = TestDirectory.freshInode()
    let path = "status"
    private let state = Mutex(State())

    func set(_ text: String) {
        state.withLock { state in
            state.text = text
            state.modified += 1_000_000_000
        }
    }

    func hold() { state.withLock { $0.isHeld = true } }
    func release() { state.withLock { $0.isHeld = false } }
    var heldCount: Int { state.withLock { $0.held } }

    private func answered<Value: Sendable>(_ value: Value) -> Answer<Value> {
        guard state.withLock({ $0.isHeld }) else { return .now(value) }
        state.withLock { $0.held += 1 }
        return .later { () async throws(ProviderError) in
            _ = await eventually { self.state.withLock { !$0.isHeld } }
            return value
        }
    }

    private var now: Content {
        let state = state.withLock { $0 }
        let status = NodeStatus(
            .file, isWritable: false, size: state.text.utf8.count, modified: state.modified, validity: .untilChanged)
        return Content(bytes: Array(state.text.utf8), status: status)
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> { answered(now.status) }

    func content() throws(ProviderError) -> Answer<Content>? { answered(now) }

    func open(_ mode: OpenMode, by caller: NodeCaller) throws(ProviderError) -> Answer<any NodeFile> {
        throw ProviderError(.notPermitted, "read only")
    }
}
