import FoundationEssentials
import ProviderAPI
import ProviderTesting
import Testing

@testable import Tree

/// The times of files from mount to mount.
@Suite struct TimesTests {
    private let time = ManualTime()

    /// A ledger of times that goes with the body.
    private func withLedger(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "times-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body("\(path)/lab/times")
    }

    private func mount(_ path: String, _ stub: StubCollection<VirtualMachine>) -> MountedProvider {
        time.advance(.seconds(60))
        return MountedProvider(StubProvider(stub), time: time.source, times: path)
    }

    private func times(_ mounted: MountedProvider, _ names: [String]) async throws -> [Int64] {
        var times: [Int64] = []
        for name in names {
            times.append(try await mounted.driver.status(name.isEmpty ? "lab/vms" : "lab/vms/\(name)").modified)
        }
        return times
    }

    @Test func anUnchangedMachineHasTheTimesOfTheMountBefore() async throws {
        try await withLedger { path in
            let stub = StubMachines.collection([StubMachines.machine("a"), StubMachines.machine("b")])
            let names = ["", "a/status", "a/memory", "a/disks/vda/size", "a/info", "b/info", "b/cpus"]
            let first = mount(path, stub)
            _ = try await times(first, names)
            time.advance(.seconds(20))
            try await first.driver.write("lab/vms/a/memory", "2048")
            let told = try await times(first, names)
            await first.tree.close()

            let second = mount(path, stub)
            #expect(try await times(second, names) == told)
            #expect(told[2] > told[1])
            await second.tree.close()

            stub.change(.init("id-b")) { $0.cpus = 7 }
            let third = mount(path, stub)
            let now = try await times(third, names)
            #expect(Array(now[...4]) == Array(told[...4]))
            #expect(now[5] > told[5] && now[6] > told[6])
            await third.tree.close()
        }
    }

    @Test func detailsAreComparedWhenTheyAreRead() async throws {
        try await withLedger { path in
            let stub = StubMachines.collection([StubMachines.machine("a")])
            stub.shortenListings { machine in
                machine.isComplete = false
                machine.memory = nil
            }
            let names = ["a/status", "a/disks", "a/memory", "a/info"]
            let first = mount(path, stub)
            let told = try await times(first, names)
            await first.tree.close()

            // Only the status is looked at; the details stay as they were told.
            let second = mount(path, stub)
            #expect(try await times(second, ["a/status"]) == [told[0]])
            await second.tree.close()

            let third = mount(path, stub)
            #expect(try await times(third, names) == told)
            await third.tree.close()

            stub.change(.init("id-a")) { $0.memory = 99 }
            let fourth = mount(path, stub)
            let now = try await times(fourth, names)
            #expect(now[0] == told[0])
            #expect(now[2] > told[2] && now[3] > told[3])
            await fourth.tree.close()
        }
    }

    @Test func aDirectoryIsAsOldAsItsLastChangeAlsoWhereOnlyDetailsTellOfIt() async throws {
        try await withLedger { path in
            let stub = StubMachines.collection([StubMachines.machine("a")])
            stub.shortenListings { machine in
                machine.isComplete = false
                machine.memory = nil
            }
            let first = mount(path, stub)
            _ = try await times(first, ["a", "a/memory"])
            time.advance(.seconds(20))
            try await first.driver.write("lab/vms/a/memory", "2048")
            let told = try await times(first, ["a", "a/memory"])
            #expect(told[0] == time.wall)
            await first.tree.close()

            let second = mount(path, stub)
            #expect(try await times(second, ["a", "a/memory", "a"]) == told + [told[0]])
            await second.tree.close()
        }
    }
}
