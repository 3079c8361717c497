import FoundationEssentials
import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

/// Random operations on a tree, each compared with what a small model of it says.
@Suite struct ModelTests {
    /// Fewer where everything takes ten times as long.
    private static let rounds = ProcessInfo.processInfo.environment["INFRAFS_TEST_BRIEF"] == "1" ? 2 : 8

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...(.max))])
    func theTreeDoesWhatTheModelDoes(seed: UInt64) async throws {
        var run = ModelRun(seed: seed)
        for step in 0..<Self.rounds * 100 {
            try await run.step()
            if step % 100 == 99 { try await run.compareAll() }
            guard run.mismatch == nil else { break }
        }
        #expect(run.mismatch == nil, "seed \(seed), step \(run.steps): \(run.mismatch ?? "")")
        #expect(run.successes > Self.rounds * 12, "seed \(seed): the model refuses nearly everything")
        #expect(run.refusals > Self.rounds * 7, "seed \(seed): nothing was refused")
    }
}

/// A tree, its model, and what became of them so far.
struct ModelRun {
    let bed = Bed([])
    var model = Model()
    var random: SeededRandom
    var steps = 0
    var successes = 0
    var refusals = 0
    var mismatch: String?
    private var pid: Int32 = 100

    private static let names = ["web", "db", "a b", "%2Fslash", "ü", "x%25", "mail"]
    private static let values = ["1024", "2G", "4096M", "0", "-1", "big", "", "1T", "3"]

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func step() async throws {
        steps += 1
        // Each operation is a process of its own, so that no refusal lasts.
        pid += 1
        let driver = bed.driver.process(pid)
        let name = Self.names.randomElement(using: &random) ?? "web"
        switch Int.random(in: 0..<15, using: &random) {
        case 0, 1:
            await attempt("mkdir \(name)", model.make(name)) { try await driver.makeDirectory("lab/vms/\(name)") }
        case 2:
            await attempt("rmdir \(name)", model.remove(name)) { try await driver.removeDirectory("lab/vms/\(name)") }
        case 3: try await removeTree(name, driver)
        case 4, 5, 6: await writeSize(name, driver)
        case 7, 8: await power(name, driver)
        case 9, 10: await writeMetadata(name, driver)
        case 11: await rename(name, driver)
        case 12: await hide(name, driver)
        case 13: try await outside(name)
        default: try await advance()
        }
        guard mismatch == nil else { return }
        try await compare(Self.names.randomElement(using: &random) ?? "web")
    }

    /// Does it, and compares how it ended.
    private mutating func attempt(_ what: String, _ expected: ProviderError.Code?, _ body: () async throws -> Void)
        async
    {
        let code = await bed.code(body)
        if code == nil { successes += 1 } else { refusals += 1 }
        if code != expected {
            mismatch = "\(what): \(code?.rawValue ?? "done"), expected \(expected?.rawValue ?? "done")"
        }
    }

    private mutating func writeSize(_ name: String, _ driver: TreeDriver) async {
        let file = Bool.random(using: &random) ? "memory" : "cpus"
        let text = Self.values.randomElement(using: &random) ?? "1"
        let expected = model.write(name, file, text)
        await attempt("echo \(text) > \(name)/\(file)", expected) {
            try await driver.echo(text, to: "lab/vms/\(name)/\(file)")
        }
    }

    private mutating func power(_ name: String, _ driver: TreeDriver) async {
        let word = ["up", "down", "suspend", "resume", "sideways"].randomElement(using: &random) ?? "up"
        let expected = model.power(name, word)
        await attempt("echo \(word) > \(name)/status", expected) {
            try await driver.echo(word, to: "lab/vms/\(name)/status")
        }
    }

    private mutating func writeMetadata(_ name: String, _ driver: TreeDriver) async {
        let key = ["team", "plan", "a%2Fb"].randomElement(using: &random) ?? "team"
        let path = "lab/vms/\(name)/metadata/\(key)"
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            let value = "v\(steps)"
            await attempt("echo > \(path)", model.setKey(name, key, value)) { try await driver.echo(value, to: path) }
        case 1:
            await attempt("echo >> \(path)", model.appendKey(name, key, "more")) {
                try await driver.write(path, "more\n", appending: true)
            }
        default: await attempt("rm \(path)", model.removeKey(name, key)) { try await driver.removeFile(path) }
        }
    }

    private mutating func rename(_ name: String, _ driver: TreeDriver) async {
        let newName = Self.names.randomElement(using: &random) ?? "web"
        await attempt("mv \(name) \(newName)", model.rename(name, to: newName)) {
            try await driver.rename("lab/vms/\(name)", to: "lab/vms/\(newName)")
        }
    }

    private mutating func hide(_ name: String, _ driver: TreeDriver) async {
        let expected = model.hide(name, "memory")
        await attempt("rm \(name)/memory", expected) { try await driver.removeFile("lab/vms/\(name)/memory") }
    }

    private mutating func removeTree(_ name: String, _ driver: TreeDriver) async throws {
        guard model.machines[name] != nil else { return }
        let expected = model.removeTree(name)
        let refused = try await driver.removeTree("lab/vms/\(name)")
        let code = refused.first?.error.code
        if code != expected || refused.contains(where: { $0.error.code != expected }) {
            mismatch = "rm -r \(name): \(refused), expected \(expected?.rawValue ?? "done")"
        }
    }

    /// Somebody else changes a machine; enough time passes for it to be seen.
    private mutating func outside(_ name: String) async throws {
        let platformName = name.replacing("%2F", with: "/").replacing("%25", with: "%")
        guard model.machines[name] != nil, let machine = bed.machines.items.first(where: { $0.name == platformName })
        else {
            return
        }
        let size = Int.random(in: 1...9000, using: &random)
        bed.machines.change(machine.id) { $0.memory = size }
        model.machines[name]?.memory = size
        try await bed.pass(.seconds(11))
        model.showAll()
    }

    private mutating func advance() async throws {
        let seconds = [1, 4, 11].randomElement(using: &random) ?? 1
        try await bed.pass(.seconds(seconds))
        model.pass(seconds)
    }

    // MARK: Comparing

    mutating func compareAll() async throws {
        let listed = try await bed.driver.names("lab/vms")
        if listed != model.machines.keys.sorted() {
            mismatch = "ls: \(listed), expected \(model.machines.keys.sorted())"
        }
        for name in listed where mismatch == nil { try await compare(name) }
    }

    private mutating func compare(_ name: String) async throws {
        let path = "lab/vms/\(name)"
        guard let machine = model.machines[name] else {
            if try await bed.driver.exists(path) { mismatch = "\(name) is there" }
            return
        }
        var expected = ["status": machine.status, "cpus": "\(machine.cpus)", "plan": machine.metadata["plan"] ?? ""]
        if !machine.isHidden { expected["memory"] = "\(machine.memory)" }
        for (file, line) in expected {
            let seen = try await bed.driver.line("\(path)/\(file)")
            let size = try await bed.driver.status("\(path)/\(file)").size
            if seen != line { mismatch = "\(name)/\(file) is '\(seen)', expected '\(line)'" }
            if size != (line.isEmpty ? 0 : line.utf8.count + 1) { mismatch = "\(name)/\(file) has size \(size)" }
        }
        if try await bed.driver.exists("\(path)/memory") == machine.isHidden {
            mismatch = "\(name)/memory is hidden wrongly"
        }
        let keys = try await bed.driver.names("\(path)/metadata")
        if Set(keys) != Set(machine.metadata.keys) {
            mismatch = "\(name)/metadata has \(keys), expected \(machine.metadata.keys)"
        }
    }
}
