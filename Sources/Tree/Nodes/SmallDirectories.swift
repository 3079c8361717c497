import Inventory
import ProviderAPI

/// `host`: the platform's own facts.
enum HostNodes {
    static func directory(_ scope: Scope) -> HostDirectory { HostDirectory(scope: scope) }
}

/// The platform's facts, one file each, and all of them in `info`.
struct HostDirectory: DirectoryNode {
    let scope: Scope

    var path: String { "\(scope.name)/host" }
    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(
            NodeStatus(
                .directory, isWritable: false, modified: scope.started, validity: .lasting(scope.live.policy.cache)))
    }

    private func facts() throws(ProviderError) -> Answer<[Value.Entry]> { try scope.hostFacts() }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let directory = self
        return try facts().map { facts throws(ProviderError) in
            guard name == "info" || facts.contains(where: { $0.key == name }) else {
                throw ProviderError(.notFound, "there is no \(directory.path)/\(name)")
            }
            return directory.file(name)
        }
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let directory = self
        return try facts().map { facts in
            EntryList((facts.map(\.key) + ["info"]).map { DirectoryEntry($0, directory.file($0)) })
        }
    }

    private func file(_ name: String) -> ComputedFile {
        let directory = self
        return ComputedFile(
            path: "\(path)/\(name)", clock: scope.clock,
            answering: { () throws(ProviderError) in
                try directory.facts().map { facts in
                    guard name != "info" else { return Rendering.yaml(.map(facts)) }
                    return Rendering.bytes(facts.first { $0.key == name }?.value ?? .none)
                }
            })
    }
}

/// `jobs`: long operations.
enum JobNodes {
    static func directory(_ scope: Scope) -> FixedDirectory {
        let jobs = scope.live.jobs
        let path = "\(scope.name)/jobs"
        return FixedDirectory(
            path: path, modified: scope.started,
            remove: { name throws(ProviderError) in
                guard let id = Int(name) else { throw ProviderError(.notFound, "there is no job \(name)") }
                try jobs.cancel(id)
            },
            { jobs.jobs.map { DirectoryEntry(String($0.id), job($0, scope)) } })
    }

    private static func job(_ job: JobTable.Job, _ scope: Scope) -> FixedDirectory {
        let (id, jobs) = (job.id, scope.live.jobs)
        let path = "\(scope.name)/jobs/\(id)"
        let fields: [(String, @Sendable (JobTable.Job) -> String)] = [
            ("operation", { $0.operation.rawValue }), ("target", { $0.target }), ("status", { $0.status.rawValue }),
            ("progress", { String($0.progress) }), ("error", { $0.error }),
        ]
        return FixedDirectory(path: path, modified: job.modified, validity: .none) {
            fields.map { name, read in
                DirectoryEntry(
                    name,
                    ComputedFile(path: "\(path)/\(name)", clock: scope.clock) {
                        Rendering.bytes(.text(jobs[id].map(read) ?? ""))
                    })
            }
        }
    }
}

/// `.inject`: faults to rehearse.
enum FaultNodes {
    static func directory(_ scope: Scope, _ faults: any FaultService) -> FixedDirectory {
        let path = "\(scope.name)/.inject"
        return FixedDirectory(path: path, modified: scope.started) {
            faults.faults.map { fault in
                let name = fault.key
                let file = ComputedFile(
                    path: "\(path)/\(name)", clock: scope.clock, isDocument: false,
                    write: { bytes, _ throws(ProviderError) in
                        try faults.setFault(name, to: try Parsing.text(bytes))
                        return .done
                    },
                    { Rendering.bytes(faults.faults.first { $0.key == name }?.value ?? .none) })
                return DirectoryEntry(name, file)
            }
        }
    }
}
