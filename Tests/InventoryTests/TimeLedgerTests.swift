import FoundationEssentials
import Glibc
import Logging
import ProviderAPI
import ProviderTesting
import Testing
import Tree

@testable import Inventory

/// What is kept of times from mount to mount.
@Suite struct TimeLedgerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let time = ManualTime()

    /// A directory that goes with the body.
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "times-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body("\(path)/lab/times")
    }

    private func open(_ path: String) -> TimeLedger? {
        TimeLedger(path: path, time: time.source, logger: Self.logger)
    }

    /// Tells of some files, and writes it down.
    private func write(_ files: TimeLedger.Files, _ path: String) throws {
        let ledger = try #require(open(path))
        ledger.addFiles { files }
        ledger.told()
        ledger.close()
    }

    @Test func whatWasToldOutlivesTheLedger() async throws {
        try await withPath { path in
            let files: TimeLedger.Files = Dictionary(
                uniqueKeysWithValues: (1...500).map { (UInt64($0) &* 0x9E37_79B9_7F4A_7C15, (UInt64($0), Int64($0))) })
            try write(files, path)
            let again = try #require(open(path))
            for (key, file) in files { #expect(again.file(key, file.fingerprint) == file.modified) }
            #expect(again.file(7, 7) == nil, "nobody told of it")
            let key = try #require(files.keys.first)
            #expect(again.file(key, 0) == nil, "it has other content")
        }
    }

    @Test func theFirstMountsBeginningIsKept() async throws {
        try await withPath { path in
            try write([1: (1, 1)], path)
            let since = try #require(open(path)).since
            time.advance(.seconds(100))
            #expect(open(path)?.since == since)
        }
    }

    @Test func whatChangesIsStruckOutAtOnce() async throws {
        try await withPath { path in
            try write([1: (10, 100), 2: (20, 200)], path)
            let before = try #require(FileManager.default.contents(atPath: path))
            let killed = try #require(open(path))
            killed.strike([1])
            #expect(killed.file(1, 10) == nil)
            #expect(
                await eventually { FileManager.default.contents(atPath: path)?.count == before.count + 17 },
                "a killed daemon would leave what is not true")
            let file = try #require(try TimeLedgerFile(reading: path))
            #expect(file.struck == [1])
            #expect(file.entry(2)?.base == 200)
        }
    }

    @Test func rubbishIsRefusedAsAWhole() async throws {
        try await withPath { path in
            try write([1: (10, 100), 2: (20, 200)], path)
            let good = try #require(FileManager.default.contents(atPath: path))
            var altered = good
            altered[good.count - 3] ^= 1
            for bad in [altered, good.dropLast(4), Data("rubbish".utf8), Data(), Data("infrafs-times 1 0 -1 0\n".utf8)]
            {
                try bad.write(to: URL(filePath: path))
                #expect(throws: TimeLedgerFile.Damage.self) { _ = try TimeLedgerFile(reading: path) }
                #expect(open(path)?.file(1, 10) == nil)
            }
            try (good + Data("0000000000000002\n00000".utf8)).write(to: URL(filePath: path))
            #expect(open(path)?.file(1, 10) == 100)
            #expect(open(path)?.file(2, 20) == nil, "half a line took the one before with it")
        }
    }

    @Test func twoMountsDoNotKeepOneLedger() async throws {
        try await withPath { path in
            let first = open(path)
            #expect(first != nil)
            #expect(open(path) == nil)
            withExtendedLifetime(first) {}
        }
    }

    @Test func whatNobodyAskedForStays() async throws {
        try await withPath { path in
            try write([1: (10, 100), 2: (20, 200)], path)
            try write([2: (21, 300)], path)
            let again = try #require(open(path))
            #expect(again.file(1, 10) == 100)
            #expect(again.file(2, 21) == 300)
        }
    }

    // MARK: Resources

    private func mount(_ path: String, _ stub: StubCollection<VirtualMachine>) throws -> MountedProvider {
        time.advance(.seconds(60))
        let ledger: TimeLedger = try #require(open(path))
        return MountedProvider(StubProvider(stub), time: time.source, times: ledger)
    }

    private func times(_ mounted: MountedProvider, _ names: [String]) async throws -> [Int64] {
        var times: [Int64] = []
        for name in names {
            times.append(try await mounted.driver.status(name.isEmpty ? "lab/vms" : "lab/vms/\(name)").modified)
        }
        return times
    }

    @Test func anUnchangedMachineHasTheTimesOfTheMountBefore() async throws {
        try await withPath { path in
            let stub = StubMachines.collection([StubMachines.machine("a"), StubMachines.machine("b")])
            let names = ["", "a", "a/status", "a/memory", "a/disks/vda/size", "a/info", "b/info", "b/cpus"]
            let first = try mount(path, stub)
            _ = try await times(first, names)
            time.advance(.seconds(20))
            try await first.driver.write("lab/vms/a/memory", "2048")
            let told = try await times(first, names)
            await first.tree.close()

            let second = try mount(path, stub)
            #expect(try await times(second, names) == told)
            #expect(told[3] > told[2])
            await second.tree.close()

            stub.change(.init("id-b")) { $0.cpus = 7 }
            let third = try mount(path, stub)
            let now = try await times(third, names)
            #expect(Array(now[...5]) == Array(told[...5]))
            #expect(now[6] > told[6] && now[7] > told[7])
            await third.tree.close()
        }
    }

    @Test func detailsAreComparedWhenTheyAreRead() async throws {
        try await withPath { path in
            let stub = StubMachines.collection([StubMachines.machine("a")])
            stub.shortenListings { machine in
                machine.isComplete = false
                machine.memory = nil
            }
            let names = ["a/status", "a/disks", "a/memory", "a/info"]
            let first = try mount(path, stub)
            let told = try await times(first, names)
            await first.tree.close()

            // Only the status is looked at; the details stay as they were told.
            let second = try mount(path, stub)
            #expect(try await times(second, ["a/status"]) == [told[0]])
            await second.tree.close()

            let third = try mount(path, stub)
            #expect(try await times(third, names) == told)
            await third.tree.close()

            stub.change(.init("id-a")) { $0.memory = 99 }
            let fourth = try mount(path, stub)
            let now = try await times(fourth, names)
            #expect(now[0] == told[0])
            #expect(now[2] > told[2] && now[3] > told[3])
            await fourth.tree.close()
        }
    }
}
