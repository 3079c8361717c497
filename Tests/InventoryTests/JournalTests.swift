import ProviderAPI
import ProviderTesting
import Synchronization
import Testing

@testable import Inventory

@Suite struct JournalTests {
    @Test func keepsWholeLinesWhenItHalves() {
        let journal = Journal(limit: 100, time: ManualTime().source)
        for number in 100..<200 { journal.append("line \(number)") }
        let text = String(decoding: journal.contents.bytes, as: UTF8.self)
        #expect(journal.count <= 100)
        #expect(journal.count > 20)
        let lines = text.split(separator: "\n")
        #expect(lines.last == "line 199")
        #expect(lines.allSatisfy { $0.hasPrefix("line ") && $0.count == 8 })
        #expect(lines.map { String($0) } == (200 - lines.count..<200).map { "line \($0)" })
    }

    @Test func oneLineBeyondTheLimitLeavesNoHalfLine() {
        let journal = Journal(limit: 50, time: ManualTime().source)
        journal.append(String(repeating: "x", count: 500))
        #expect(journal.contents.bytes.isEmpty || journal.contents.bytes.last == UInt8(ascii: "\n"))
        journal.append("next")
        #expect(String(decoding: journal.contents.bytes, as: UTF8.self).hasSuffix("next\n"))
    }

    @Test func itsTimeIsThatOfTheLastLine() {
        let time = ManualTime()
        let journal = Journal(time: time.source)
        time.advance(.seconds(5))
        journal.append("a")
        #expect(journal.contents.modified == time.wall)
        time.advance(.seconds(5))
        #expect(journal.contents.modified < time.wall)
    }

    @Test func waitersHearOfOneLine() {
        let journal = Journal(time: ManualTime().source)
        let heard = Mutex(0)
        journal.notifyOnce { heard.withLock { $0 += 1 } }
        journal.append("a")
        journal.append("b")
        #expect(heard.withLock { $0 } == 1)
        for _ in 0..<2000 { journal.notifyOnce { heard.withLock { $0 += 1 } } }
        #expect(heard.withLock { $0 } > 900, "waiters without bound")
    }

    @Test func failuresAreKeptByPath() {
        let log = FailureLog(time: ManualTime().source)
        log.note(operation: "write", path: "lab/vms/a/memory", errno: "EINVAL", reason: "first\nsecond")
        log.note(operation: "write", path: "lab/vms/ab/memory", errno: "EBUSY", reason: "other")
        #expect(log.last(at: "lab/vms/a")?.reason == "first; second")
        #expect(log.last(at: "lab/vms/ab/memory")?.errno == "EBUSY")
        #expect(log.last(at: "lab/vms/c") == nil)
        #expect(log.failures.map(\.errno) == ["EINVAL", "EBUSY"])
        for _ in 0..<1000 { log.note(operation: "stat", path: "x", errno: "EIO", reason: "") }
        #expect(log.failures.count <= 200)
        #expect(log.last(at: "lab/vms/a/memory")?.errno == "EINVAL", "the last failure of a path is forgotten")
    }

    @Test func noFailureIsMoreThanOneLine() {
        let log = FailureLog(time: ManualTime().source)
        log.note(
            operation: "mkdir", path: "lab/vms/a\nb\u{7f}", errno: "EINVAL",
            reason: "bad\u{1B}[2J\r\nname\u{2028}x\u{9b}")
        let line = log.failures.first?.line ?? ""
        #expect(line.hasSuffix("mkdir lab/vms/a%0Ab%7F EINVAL bad%1B[2J; name; x%C2%9B"), "\(line)")
        #expect(log.last(at: "lab/vms/a\nb\u{7f}") != nil)
        #expect(oneLine("as it is: büro/\u{1F600} 100%") == "as it is: büro/\u{1F600} 100%")
    }

    @Test func whatManyAreToldForOneReasonIsOneFailure() {
        let time = ManualTime()
        let log = FailureLog(time: time.source)
        #expect(log.note(operation: "opendir", path: "lab/vms", errno: "EIO", reason: "broken", isLook: true))
        #expect(!log.note(operation: "lookup", path: "lab/vms/a", errno: "EIO", reason: "broken", isLook: true))
        #expect(!log.note(operation: "read", path: "lab/overview", errno: "EIO", reason: "broken", isLook: true))
        #expect(log.note(operation: "write", path: "lab/vms/a/memory", errno: "EIO", reason: "broken"))
        #expect(log.note(operation: "lookup", path: "lab/vms/a", errno: "EIO", reason: "other", isLook: true))
        #expect(log.note(operation: "lookup", path: "lab/vms/a", errno: "EAGAIN", reason: "broken", isLook: true))
        #expect(log.failures.map(\.operation) == ["opendir", "write", "lookup", "lookup"])
        #expect(log.last(at: "lab/overview")?.operation == "read", "what is no line of its own is still the last there")
        time.advance(.seconds(2))
        #expect(log.note(operation: "lookup", path: "lab/vms/a", errno: "EIO", reason: "broken", isLook: true))
    }

    @Test(arguments: [
        (Value.text("a\"b\\c\n\t\u{1}é"), "\"a\\\"b\\\\c\\n\\t\\u0001é\""), (.none, "null"), (.flag(true), "true"),
        (.list([.number(1), .text("x")]), "[1,\"x\"]"),
        (.map([.init("a", .map([])), .init("b", .none)]), "{\"a\":{},\"b\":null}"),
    ])
    func valuesAreJSON(value: Value, text: String) {
        #expect(json(value) == text)
    }

    @Test func timesAreISO8601() {
        #expect(timestamp(1_764_547_200_123_000_000) == "2025-12-01T00:00:00.123Z")
        #expect(timestamp(0) == "1970-01-01T00:00:00.000Z")
    }
}
