import Inventory
import ProviderAPI
import ProviderTesting
import Synchronization

@testable import Tree

/// A machine over which every input begins anew.
private struct Ground: Sendable {
    let machines = StubMachines.collection([StubMachines.machine("web1")])
    let mounted: MountedProvider
    var driver: TreeDriver { mounted.driver }

    init() {
        mounted = MountedProvider(StubProvider(machines))
    }

    func code(_ body: () async throws -> Void) async -> ProviderError.Code? {
        do {
            try await body()
            return nil
        } catch {
            guard let error = error as? ProviderError else { fatalError("an error of another kind: \(error)") }
            must(!error.message.isEmpty, "an error without words")
            return error.code
        }
    }
}

private let vm = "lab/vms/web1"
private let attributes = [
    "status", "memory", "cpus", "name", "autostart", "description", "iso", "plan", "profile", "owner", "metadata/key",
    "disks/vda/size", "nics/eth0/network", "snapshots", "revert", "clone", "export", "info", "flavor", "id",
    "../../drafts",
]

/// Bytes written into an attribute are applied or refused; refused, the machine is as it was; applied, it reads back.
@Sendable func fuzzAttributes(_ bytes: [UInt8]) {
    waiting {
        var choices = Choices(bytes)
        let ground = Ground()
        let name = choices.one(of: attributes)
        let value = choices.all()
        guard await ground.code({ _ = try await ground.driver.names("lab/vms") }) == nil else { fatalError("no list") }
        let before = ground.machines.items
        let code = await ground.code { try await ground.driver.write("\(vm)/\(name)", value) }
        if let code {
            must(ground.machines.items == before, "\(name): \(code.rawValue), and it was changed by \(value)")
        }
        for machine in ground.machines.items {
            let path = "lab/vms/\(EntryName.encode(machine.name))"
            for file in ["status", "memory", "name", "description", "info", "info.json"] {
                let code = await ground.code {
                    let read = try await ground.driver.bytes("\(path)/\(file)")
                    let size = try await ground.driver.status("\(path)/\(file)").size
                    must(read.count == size, "\(file) has \(read.count) bytes and the size \(size)")
                    must(read.isEmpty || read.last == UInt8(ascii: "\n"), "\(file) does not end with a newline")
                }
                must(code == nil, "\(path)/\(file): \(code?.rawValue ?? "")")
            }
        }
    }
}

private let draftNames = [
    "memory", "cpus", "plan", "image", "disks", "nics", "metadata", "disks/d1", "disks/d1/size", "metadata/k", "nics/e",
    "nics/e/network", "info", "profile", "start", "files", "cmds", ".plan", "name", "status", "",
]

/// Any sequence of operations on a draft leaves it readable, with sizes that are those of the contents; a commit makes one
/// machine or leaves the draft as it was.
@Sendable func fuzzDrafts(_ bytes: [UInt8]) {
    waiting {
        var choices = Choices(bytes)
        let ground = Ground()
        let driver = ground.driver
        let draft = "lab/drafts/vms/new"
        _ = await ground.code { try await driver.makeDirectory(draft) }
        for _ in 0..<24 where !choices.isEmpty {
            let operation = choices.number(below: 8)
            let name = choices.number(below: 8) == 0 ? choices.text(upTo: 20) : choices.one(of: draftNames)
            let path = "\(draft)/\(name)"
            let value = choices.bytes(upTo: 250)
            _ = await ground.code {
                switch operation {
                case 0: try await driver.makeDirectory(path)
                case 1: try await driver.removeFile(path)
                case 2: try await driver.removeDirectory(path)
                case 3: try await driver.write("\(draft)/info", value)
                case 4: try await driver.write(path, value, appending: true)
                default: try await driver.write(path, value)
                }
            }
        }
        let before = await contents(of: draft, ground)
        let code = await ground.code { try await driver.rename(draft, to: "lab/vms/new") }
        if code == nil {
            must(ground.machines.items.count == 2, "the commit made \(ground.machines.items.count - 1) machines")
        } else {
            must(ground.machines.items.count == 1, "a refused commit made a machine")
            let after = await contents(of: draft, ground)
            must(before == after, "a refused commit changed the draft")
        }
    }
}

private func contents(of path: String, _ ground: Ground) async -> [String: [UInt8]] {
    let seen = Mutex([String: [UInt8]]())
    let code = await ground.code {
        for node in try await ground.driver.walk(path) {
            if let bytes = node.bytes {
                must(bytes.count == node.status.size, "\(node.path) has \(bytes.count) bytes, size \(node.status.size)")
            }
            let isNew = seen.withLock { $0.updateValue(node.bytes ?? [], forKey: node.path) == nil }
            must(isNew, "\(node.path) is listed twice")
        }
        _ = try await ground.driver.bytes("\(path)/.plan")
    }
    must(code == nil, "\(path) cannot be read: \(code?.rawValue ?? "")")
    return seen.withLock { $0 }
}

private let directories = [
    "", "lab", "lab/vms", vm, "\(vm)/metadata", "\(vm)/disks", "lab/drafts", "lab/jobs", ".infrafs",
]
private let files = [
    "README", "lab/events", "\(vm)/status", "\(vm)/info", "\(vm)/.error", ".infrafs/audit", "lab/overview",
]

/// Reads of directories and files at any position give what is there from it on, and nothing else.
@Sendable func fuzzOffsets(_ bytes: [UInt8]) {
    waiting {
        var choices = Choices(bytes)
        let ground = Ground()
        let isDirectory = choices.number(below: 2) == 0
        let path = choices.one(of: isDirectory ? directories : files)
        let code = await ground.code {
            if isDirectory {
                let directory = try await ground.driver.directory(path)
                let reader = try await directory.reader(for: ground.driver.caller).value()
                let all = try await reader.entries(from: 0, limit: .max).value().map(\.name)
                for _ in 0..<8 {
                    // The kernel's positions are never negative, and ours begin behind . and ..
                    let (position, limit) = (choices.anyNumber() & .max, 1 + choices.anyNumber() & 0xffff)
                    let some = try await reader.entries(from: position, limit: limit).value().map(\.name)
                    must(some == Array(all.dropFirst(position).prefix(limit)), "\(path) from \(position), \(limit)")
                }
            } else {
                let file = try await ground.driver.file(path)
                let opened = try await file.open(OpenMode(), by: ground.driver.caller).value()
                let all = try await opened.read(offset: 0, count: 1 << 24, by: ground.driver.caller).value()
                for _ in 0..<8 {
                    let (offset, count) = (choices.anyNumber() & .max, choices.anyNumber() & 0xf_ffff)
                    let some = try await opened.read(offset: offset, count: count, by: ground.driver.caller).value()
                    must(some == Array(all.dropFirst(offset).prefix(count)), "\(path) at \(offset), \(count)")
                }
                await opened.close()
            }
        }
        must(code == nil, "\(path): \(code?.rawValue ?? "")")
    }
}
