import Testing

@testable import LibvirtKit

struct ConsoleStreamTests {
    @Test func whatIsForgottenIsNotFound() {
        let table = CallbackTable<String>()
        let (first, second) = (table.add("first"), table.add("second"))
        #expect(first != 0 && first != second && table.count == 2)
        #expect(table.value(of: UnsafeMutableRawPointer(bitPattern: first)) == "first")
        table.remove(first)
        table.remove(first)
        #expect(table.value(of: UnsafeMutableRawPointer(bitPattern: first)) == nil)
        #expect(table.value(of: UnsafeMutableRawPointer(bitPattern: second)) == "second")
        #expect(table.value(of: nil) == nil && table.count == 1)
    }

    /// libvirt's simulated host has no serial lines.
    @Test func aLineThatDoesNotOpenLeavesNothing() throws {
        let connection = try Connection(uri: "test:///default")
        let domain = try #require(try connection.domains(.running).first)
        let before = ConsoleStream.watchers.count
        for _ in 0..<3 {
            #expect(throws: LibvirtError.self) { try ConsoleStream(domain, on: connection) {} }
        }
        #expect(ConsoleStream.watchers.count == before)
    }
}
