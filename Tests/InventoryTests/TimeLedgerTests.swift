import FoundationEssentials
import Glibc
import Logging
import ProviderAPI
import ProviderTesting
import Testing

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

    private func opened(_ path: String) -> TimeLedger? {
        TimeLedger(path: path, time: time.source, logger: Self.logger)
    }

    /// Tells of some files, and writes it down.
    private func write(_ files: TimeLedger.Files, _ path: String) throws {
        let ledger = try #require(opened(path))
        ledger.addFiles { files }
        ledger.told()
        ledger.close()
    }

    @Test func whatWasToldOutlivesTheLedger() async throws {
        try await withPath { path in
            let files: TimeLedger.Files = Dictionary(
                uniqueKeysWithValues: (1...500).map { (UInt64($0) &* 0x9E37_79B9_7F4A_7C15, (UInt64($0), Int64($0))) })
            try write(files, path)
            let again = try #require(opened(path))
            for (key, file) in files { #expect(again.file(key, file.fingerprint) == file.modified) }
            #expect(again.file(7, 7) == nil, "nobody told of it")
            let key = try #require(files.keys.first)
            #expect(again.file(key, 0) == nil, "it has other content")
        }
    }

    @Test func theFirstMountsBeginningIsKept() async throws {
        try await withPath { path in
            try write([1: (1, 1)], path)
            let since = try #require(opened(path)).since
            time.advance(.seconds(100))
            #expect(opened(path)?.since == since)
        }
    }

    @Test func whatChangesIsStruckOutAtOnce() async throws {
        try await withPath { path in
            try write([1: (10, 100), 2: (20, 200)], path)
            let killed = try #require(opened(path))
            killed.addFiles { [2: (20, 200)] }
            killed.strike([1])
            #expect(killed.file(1, 10) == nil)
            // Struck out, or written anew without it where that has come about meanwhile.
            #expect(
                await eventually {
                    guard let file = try? TimeLedgerFile(reading: path) else { return false }
                    return file.struck == [1] || file.entry(1) == nil
                }, "a killed daemon would leave what is not true")
            #expect(try TimeLedgerFile(reading: path)?.entry(2)?.base == 200)
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
                #expect(opened(path)?.file(1, 10) == nil)
            }
            try (good + Data("0000000000000002\n00000".utf8)).write(to: URL(filePath: path))
            #expect(opened(path)?.file(1, 10) == 100)
            #expect(opened(path)?.file(2, 20) == nil, "half a line took the one before with it")
        }
    }

    @Test func twoMountsDoNotKeepOneLedger() async throws {
        try await withPath { path in
            let first = opened(path)
            #expect(first != nil)
            #expect(opened(path) == nil)
            withExtendedLifetime(first) {}
        }
    }

    @Test func whatNobodyAskedForStays() async throws {
        try await withPath { path in
            try write([1: (10, 100), 2: (20, 200)], path)
            try write([2: (21, 300)], path)
            let again = try #require(opened(path))
            #expect(again.file(1, 10) == 100)
            #expect(again.file(2, 21) == 300)
        }
    }
}
