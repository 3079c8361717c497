import Inventory
import ProviderAPI
import Synchronization

/// The files of a machine that are reachable by name and never listed, since reading them waits or does something.
enum MachineSpecials {
    static func node(_ name: String, _ machine: ResourceReference<VirtualMachine>) -> (any Node)? {
        switch name {
        case ".wait": WaitDirectory(machine: machine)
        case ".serial" where machine.scope.offers(.serialVM):
            StreamNode(
                path: "\(machine.path)/.serial", inode: machine.inode(".serial"), modified: machine.scope.started
            ) {
                () async throws(ProviderError) -> any ByteStream in
                guard let consoles = machine.scope.live.provider.consoles else { throw .unsupported(.serialVM) }
                return try await machine.scope.live.call("serial console") {
                    () async throws(ProviderError) -> any ByteStream in try await consoles.serial(of: machine.id)
                }
            }
        case ".console" where machine.scope.live.provider.consoles != nil:
            ComputedFile(
                path: "\(machine.path)/.console", clock: machine.scope.clock,
                answering: { () throws(ProviderError) -> Answer<[UInt8]> in console(machine) })
        default: nil
        }
    }

    private static func console(_ machine: ResourceReference<VirtualMachine>) -> Answer<[UInt8]> {
        .later { () async throws(ProviderError) -> [UInt8] in
            guard let consoles = machine.scope.live.provider.consoles else { throw .unsupported(.consoleVM) }
            let address = try await machine.scope.live.call("console") {
                () async throws(ProviderError) -> String in try await consoles.console(of: machine.id)
            }
            return Array((address + "\n").utf8)
        }
    }
}

/// A two-way stream as a file.
struct StreamNode: FileNode {
    let path: String
    let inode: UInt64
    let modified: Int64
    let begin: @Sendable () async throws(ProviderError) -> any ByteStream

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.file, isWritable: true, modified: modified, validity: .none))
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let begin = begin
        return .later { () async throws(ProviderError) -> any OpenedFile in OpenStream(stream: try await begin()) }
    }
}

private struct OpenStream: OpenedFile {
    let stream: any ByteStream

    var isStream: Bool { true }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        let stream = stream
        return .later { () async throws(ProviderError) -> [UInt8] in try await stream.read(upTo: count) }
    }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        let stream = stream
        return .later { () async throws(ProviderError) -> Int in
            try await stream.write(bytes)
            return bytes.count
        }
    }

    func close() async { await stream.close() }
}

/// `.wait`: one file for each state.
struct WaitDirectory: DirectoryNode {
    let machine: ResourceReference<VirtualMachine>

    var inode: UInt64 { machine.inode(".wait") }
    var path: String { "\(machine.path)/.wait" }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.directory, isWritable: false, modified: machine.scope.started, validity: .none))
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        guard let state = VirtualMachine.Status(rawValue: name) else {
            let states = VirtualMachine.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw ProviderError(.notFound, "there is no state \(name): wait for one of \(states)")
        }
        let machine = machine
        return .now(
            StreamNode(
                path: "\(path)/\(name)", inode: machine.inode(".wait/\(name)"), modified: machine.scope.started
            ) {
                WaitStream(machine: machine, state: state)
            })
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> { .now(EntryList([])) }
}

/// Ends, with the state's name, when a machine has reached a state.
private final class WaitStream: ByteStream {
    private let machine: ResourceReference<VirtualMachine>
    private let state: VirtualMachine.Status
    private let isTold = Mutex(false)

    init(machine: ResourceReference<VirtualMachine>, state: VirtualMachine.Status) {
        self.machine = machine
        self.state = state
    }

    func read(upTo count: Int) async throws(ProviderError) -> [UInt8] {
        guard !isTold.withLock({ $0 }) else { return [] }
        let live = machine.scope.live
        while true {
            let next = live.nextChange()
            let record = try await machine.record(detail: false, "status").value()
            if record.item.status == state {
                isTold.withLock { $0 = true }
                return Array((state.rawValue + "\n").utf8)
            }
            try await next.wait(within: live.policy.cache)
        }
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        throw ProviderError(.notPermitted, "this file is only read")
    }

    func close() async {}
}
