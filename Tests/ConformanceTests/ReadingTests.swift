import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

extension Conformance {
    /// What is listed and read, over every registered provider.
    @Suite struct ReadingTests {
        @Test(arguments: Subject.all)
        func everySizeIsExactAndEveryTextEndsItsLine(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let visited = try await rig.driver.walk("")
            #expect(visited.count > 50)
            for file in visited where file.status.kind == .file {
                if let bytes = file.bytes {
                    try await Self.expectSize(file, bytes, rig)
                    guard !Self.isBulk(file.path) else { continue }
                    #expect(bytes.isEmpty || bytes.last == UInt8(ascii: "\n"), "\(file.path) has no newline at its end")
                    #expect(String(validating: bytes, as: UTF8.self) != nil, "\(file.path) is no UTF-8")
                } else {
                    try await Self.expectEnd(file, rig)
                }
            }
        }

        /// The size of a file that grows is looked at again.
        private static func expectSize(_ file: VisitedNode, _ bytes: [UInt8], _ rig: Rig) async throws {
            guard file.status.size != bytes.count else { return }
            let size = try await rig.driver.status(file.path).size
            let again = try await rig.driver.bytes(file.path).count
            #expect(size == again, "\(file.path): stat says \(size) and a reader gets \(again)")
        }

        /// What is too large to be read whole ends where its size says.
        private static func expectEnd(_ file: VisitedNode, _ rig: Rig) async throws {
            let opened = try await rig.driver.file(file.path).open(OpenMode(), by: rig.driver.caller).value()
            let size = file.status.size
            let last = try await opened.read(offset: size - 100, count: 1000, by: rig.driver.caller).value()
            let past = try await opened.read(offset: size, count: 1000, by: rig.driver.caller).value()
            await opened.close()
            #expect(last.count == 100, "\(file.path) does not end where its size says")
            #expect(past.isEmpty, "\(file.path) goes on past its size")
        }

        private static func isBulk(_ path: String) -> Bool {
            path.hasSuffix("/data") || path.contains("/buckets/")
        }

        @Test(arguments: Subject.all)
        func listingsAreOrderedAndEveryNameIsFound(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            for kind in Kind.allCases where try await rig.driver.exists("lab/\(kind.rawValue)") {
                let names = try await rig.driver.names("lab/\(kind.rawValue)")
                #expect(names == names.sorted(), "lab/\(kind.rawValue) is not in order")
                #expect(Set(names).count == names.count, "a name of lab/\(kind.rawValue) comes twice")
                for name in names {
                    #expect(try await rig.driver.status("lab/\(kind.rawValue)/\(name)").kind == .directory)
                    #expect(!name.hasPrefix(".") && !name.contains("/") && !name.isEmpty && name.utf8.count <= 255)
                }
            }
        }

        @Test(arguments: Subject.all)
        func inodesAreUniqueAndTheSameInAnotherTree(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let first = try await rig.driver.walk("lab")
            var paths: [UInt64: String] = [:]
            for node in first {
                #expect(node.inode > 1, "\(node.path)")
                if let other = paths.updateValue(node.path, forKey: node.inode) {
                    Issue.record("\(node.path) and \(other) have one inode number")
                }
                #expect(
                    try await rig.driver.node(node.path).inode == node.inode,
                    "a look-up of \(node.path) gives another inode")
            }
            let second = try await rig.anotherTree.walk("lab")
            let inodes = Dictionary(second.map { ($0.path, $0.inode) }) { $1 }
            for node in first {
                #expect(inodes[node.path] == node.inode, "\(node.path) has another inode in another tree")
            }
        }

        @Test(arguments: Subject.all)
        func timesMoveOnlyWithContent(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let before = try await rig.driver.walk("lab")
            try await rig.driver.echo("now", to: "lab/refresh")
            let after = Dictionary(try await rig.driver.walk("lab").map { ($0.path, $0) }) { $1 }
            for old in before where old.bytes != nil {
                guard let new = after[old.path], new.bytes == old.bytes else { continue }
                #expect(
                    new.status.modified == old.status.modified, "the time of \(old.path) moved and its content did not")
            }
        }

        @Test(arguments: Subject.all)
        func infoIsTheSumOfTheFiles(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            for kind in Kind.allCases where kind != .buckets && kind != .dns {
                guard try await rig.driver.exists("lab/\(kind.rawValue)") else { continue }
                for name in try await rig.driver.names("lab/\(kind.rawValue)").prefix(20) {
                    try await Self.expectInfo("lab/\(kind.rawValue)/\(name)", rig)
                }
            }
        }

        private static func expectInfo(_ path: String, _ rig: Rig) async throws {
            guard case .map(let document) = try await rig.document(path) else {
                Issue.record("\(path)/info.json is no map")
                return
            }
            let entries = try await rig.driver.entries(path)
            let names = Set(entries.map(\.name))
            #expect(Set(document.keys).isSubset(of: names), "\(path)/info has keys that are no files")
            let actions: Set = ["info", "info.json", "data", "revert", "clone", "export", "add_nic"]
            #expect(names.subtracting(actions) == Set(document.keys), "\(path) has files that info lacks")
            for (key, value) in document {
                if case .map(let elements) = value, try await rig.driver.status("\(path)/\(key)").kind == .directory {
                    let listed = try await rig.driver.names("\(path)/\(key)")
                    #expect(Set(listed) == Set(elements.keys.map(EntryName.encode)), "\(path)/\(key)")
                } else if let line = value.line {
                    let text = try await rig.driver.line("\(path)/\(key)")
                    #expect(text == line || text == line.dropLast(line.hasSuffix("\n") ? 1 : 0), "\(path)/\(key)")
                }
            }
        }

        @Test(arguments: Subject.all)
        func oneRefreshIsOneCallHoweverManyRead(_ subject: Subject) async throws {
            let rig = try await Rig(subject, policy: Policy(cache: .seconds(60)))
            let names = try await rig.driver.names("lab/vms")
            let listed = rig.provider.count(.list)
            #expect(listed >= 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names + names {
                    group.addTask { _ = try await rig.driver.bytes("lab/vms/\(name)/status") }
                }
                try await group.waitForAll()
            }
            #expect(rig.provider.count(.list) == listed)
            #expect(rig.provider.count(.items) == 0, "a status took a call a machine")
        }
    }
}
