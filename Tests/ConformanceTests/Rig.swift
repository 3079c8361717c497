import FoundationEssentials
import Inventory
import ProviderAPI
import ProviderTesting
import Synchronization
import Testing
import Tree

/// A registered type of provider has no fixture: what fails then is every test.
struct MissingFixture: Error {
    let type: String
}

/// A tree over a provider of some type, without a mount, as the tests use it.
struct Rig: Sendable {
    let fixture: Fixture
    let provider: WatchedProvider
    let mounted: MountedProvider
    /// What the provider says it can do: what the tests decide by.
    let capabilities: Set<Operation>

    var driver: TreeDriver { mounted.driver }
    /// Another tree over the same platform, which knows nothing of what was done in this one.
    var anotherTree: TreeDriver { MountedProvider(provider, policy: Policy(timeout: fixture.timeout)).driver }

    init(_ subject: Subject, policy: Policy = Policy(cache: .milliseconds(200))) async throws {
        guard let fixture = subject.fixture else { throw MissingFixture(type: subject.registration.type) }
        self.fixture = fixture
        var policy = policy
        policy.timeout = fixture.timeout
        provider = WatchedProvider(try fixture.make())
        mounted = MountedProvider(provider, policy: policy)
        let lines = try await mounted.driver.text("lab/capabilities").split(separator: "\n")
        var capabilities: Set<Operation> = []
        for line in lines {
            capabilities.insert(try #require(Operation(rawValue: String(line)), "no operation is called \(line)"))
        }
        self.capabilities = capabilities
    }

    func can(_ operation: Operation?) -> Bool { operation.map(capabilities.contains) ?? false }

    // MARK: Machines of its own

    private static let count = Mutex(0)

    static func freshName(_ stem: String = "conf") -> String {
        count.withLock { count in
            count += 1
            return "\(stem)-\(count)"
        }
    }

    /// Writes a draft's files.
    func draft(_ kind: Kind, _ name: String, _ files: [String: String]) async throws {
        let path = "lab/drafts/\(kind.rawValue)/\(name)"
        try await driver.makeDirectory(path)
        for (file, text) in files.sorted(by: { $0.key < $1.key }) {
            try await driver.write("\(path)/\(file)", text)
        }
    }

    /// Makes a machine that is down, for as long as the body runs; nothing where the provider makes none.
    func withMachine(_ extra: [String: String] = [:], _ body: (String) async throws -> Void) async throws {
        guard can(.createVM) else { return }
        let name = Self.freshName()
        let files = fixture.machine.merging(["start": "no\n"]) { $1 }.merging(extra) { $1 }
        try await draft(.vms, name, files)
        try await driver.rename("lab/drafts/vms/\(name)", to: "lab/vms/\(name)")
        do {
            // A platform may build it first.
            try await wait("lab/vms/\(name)", for: "down")
            try await body("lab/vms/\(name)")
        } catch {
            try? await discard(name)
            throw error
        }
        try await discard(name)
    }

    /// Deletes a machine, whatever became of it.
    func discard(_ name: String) async throws {
        let path = "lab/vms/\(name)"
        guard try await driver.exists(path) else { return }
        let deadline = ContinuousClock.now + fixture.patience
        while try await driver.line("\(path)/status") == "starting", ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        let state = try await driver.line("\(path)/status")
        if !["down", "error"].contains(state), can(.stopVM) {
            if state != "stopping" { try await driver.echo("down", to: "\(path)/status") }
            try await wait(path, for: "down")
        }
        // A process of its own: an earlier refusal must not stand in the way.
        let refused = try await driver.process(Int32(20_000 + Self.count.withLock { $0 })).removeTree(path)
        #expect(refused.isEmpty, "\(path) cannot be cleaned away: \(refused)")
        #expect(try await isGone(path))
    }

    /// Whether a machine that was deleted is no longer there: a platform that has accepted it may take its time.
    func isGone(_ path: String) async throws -> Bool {
        let deadline = ContinuousClock.now + fixture.patience
        while try await driver.exists(path) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    /// Until everything that was accepted has been done: what takes a platform long goes on as a job.
    func settle() async throws {
        let deadline = ContinuousClock.now + fixture.patience
        for job in try await driver.names("lab/jobs") {
            while try await driver.line("lab/jobs/\(job)/status") == "running" {
                guard ContinuousClock.now < deadline else {
                    Issue.record("\(try await driver.text("lab/jobs/\(job)/operation")) does not end")
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await driver.line("lab/jobs/\(job)/error") == "")
        }
    }

    /// `cat .wait/STATE`, for a few seconds at most.
    func wait(_ path: String, for state: String) async throws {
        let (driver, patience) = (driver, fixture.patience)
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await driver.text("\(path)/.wait/\(state)") }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            #expect(first == "\(state)\n", "\(path) did not become \(state)")
        }
    }

    /// Everything of a resource that a reader sees, by path.
    func state(_ path: String) async throws -> [String: [UInt8]] {
        var state: [String: [UInt8]] = [:]
        for visited in try await driver.walk(path) { state[visited.path] = visited.bytes ?? [] }
        return state
    }

    /// The code of the error that the body ends with; nil where it ends without one.
    func refusal(_ body: () async throws -> Void) async -> ProviderError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ProviderError)?.code
        }
    }

    /// Reading and writing as a script would do: info.json as a document.
    func document(_ path: String) async throws -> JSONDocument {
        try JSONDecoder().decode(JSONDocument.self, from: Data(try await driver.bytes("\(path)/info.json")))
    }
}
