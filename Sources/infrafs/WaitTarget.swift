import Glibc
import ProviderAPI
import Settings

/// What `wait` waits for.
struct WaitTarget {
    enum Kind: Equatable {
        case job
        case state(machine: String, state: String)
    }

    let kind: Kind
    /// The job's directory, or the file whose reading waits.
    let path: String
    /// For people.
    let title: String

    /// Tells a job from a machine by what is in it.
    static func find(_ path: String, state: String?) throws(Failure) -> WaitTarget {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if let state { return try machine(trimmed, state: state) }
        if let (machine, state) = waitFile(trimmed) { return try self.machine(machine, state: state) }
        if access("\(trimmed)/progress", F_OK) == 0 { return job(trimmed) }
        if access("\(trimmed)/status", F_OK) == 0 {
            throw Failure(.usage, "say which state to wait for: infrafs wait \(path) up")
        }
        guard access(trimmed, F_OK) == 0 else { throw Failure(.noInput, "\(path): \(Standard.words(errno))") }
        throw Failure(.noInput, "\(path) is neither a job nor a machine: name jobs/ID, or vms/NAME and a state")
    }

    /// The two parts of `MACHINE/.wait/STATE`.
    private static func waitFile(_ path: String) -> (machine: String, state: String)? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, parts[parts.count - 2] == ".wait" else { return nil }
        let machine = parts.dropLast(2).joined(separator: "/")
        return (machine.isEmpty ? "." : machine, parts[parts.count - 1])
    }

    private static func job(_ path: String) -> WaitTarget {
        let operation = TextFile.read("\(path)/operation") ?? "job"
        let target = TextFile.read("\(path)/target") ?? path
        return WaitTarget(kind: .job, path: path, title: "\(operation) \(target)")
    }

    private static func machine(_ path: String, state: String) throws(Failure) -> WaitTarget {
        guard access(path, F_OK) == 0 else { throw Failure(.noInput, "\(path): \(Standard.words(errno))") }
        let states = VirtualMachine.Status.allCases.map(\.rawValue)
        guard states.contains(state) else {
            let hint = Suggestion.hint(for: state, among: states)
            throw Failure(.usage, "there is no state '\(state)'\(hint)")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return WaitTarget(
            kind: .state(machine: path, state: state), path: "\(path)/.wait/\(state)", title: "\(name) to be \(state)")
    }
}
