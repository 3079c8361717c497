import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// Listings and the count of lookups.
@Suite struct DirectoryTests {
    @Test func longListingsAreComplete() async throws {
        let names = (0..<3000).map { "entry-with-a-rather-long-name-\($0)" }
        try await withMount { files in
            for name in names { files.add(name, .file([])) }
        } _: { mount in
            let found = try list(mount.path)
            #expect(found == names.sorted())
            let log = mount.files.log
            #expect(log.filter { $0 == "readdirplus" }.count > 2)
            #expect(!log.contains("readdir"))
        }
    }

    @Test func listingsCarryTheEntries() async throws {
        try await withMount { files in
            files.state.withLock { $0.timeout = 60 }
            for index in 0..<100 { files.add("f\(index)", .file([1, 2, 3])) }
        } _: { mount in
            for name in try list(mount.path) {
                var status = stat()
                #expect(stat(mount.path + "/" + name, &status) == 0)
                #expect(status.st_size == 3)
            }
            #expect(mount.files.log.allSatisfy { !$0.hasPrefix("lookup") })
        }
    }

    @Test func everyLookupIsForgotten() async throws {
        try await withMount { files in
            // The kernel drops an inode without links as soon as nobody uses it.
            files.state.withLock { $0.links = 0 }
            for index in 0..<200 { files.add("f\(index)", .file([])) }
        } _: { mount in
            for _ in 0..<3 { _ = try list(mount.path) }
            _ = contents(mount.path + "/f7")
            let counted = mount.files.state.withLock { state in state.nodes.values.map(\.lookups).reduce(0, +) }
            #expect(counted >= 200)
            for index in 0..<200 { mount.session.notifier.invalidate(entry: "f\(index)", parent: 1) }
            let isEven = eventually {
                mount.files.state.withLock { $0.nodes.values.allSatisfy { $0.lookups == 0 } }
            }
            #expect(isEven)
        }
    }

    @Test func aBufferTakesNoMoreThanItsCapacity() {
        let entry = Entry(inode: 5, attributes: Attributes(inode: 5, mode: S_IFREG | 0o644))
        var plain = DirectoryBuffer(capacity: 70, plus: false)
        let wasEmpty = plain.isEmpty
        let taken = [
            plain.append("a", entry, next: 1), plain.append("b", entry, next: 2), plain.append("c", entry, next: 3),
        ]
        #expect(taken == [true, true, false])
        let isEmpty = plain.isEmpty
        #expect(wasEmpty && !isEmpty)
        var none = DirectoryBuffer(capacity: 0, plus: true)
        let isTaken = none.append("a", entry, next: 1)
        #expect(!isTaken)
    }
}
