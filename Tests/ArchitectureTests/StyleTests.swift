import Testing

/// Habits that a reader relies on and that no compiler checks.
@Suite struct StyleTests {
    @Test func noFileIsLong() throws {
        for file in try SourceTree.files(below: "Sources", "Tests") {
            let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
            #expect(count <= 400, "\(file.path) has \(count) lines: split it")
        }
    }

    @Test func noFileIsACatchAll() throws {
        for file in try SourceTree.files(below: "Sources", "Tests") {
            let stem = file.name.dropLast(".swift".count)
            for word in [
                "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Manager", "Extension", "Extensions",
                "Misc",
            ] {
                #expect(!stem.hasSuffix(word), "\(file.path): name it after what it is about")
            }
        }
    }

    @Test func noDirectoryIsACatchAll() throws {
        for file in try SourceTree.files(below: "Sources", "Tests") {
            let catchAlls: Set = ["Utils", "Util", "Helpers", "Common", "Misc", "Extensions"]
            #expect(catchAlls.isDisjoint(with: file.components.dropLast()), "\(file.path): name the folder")
        }
    }

    @Test func nothingTrapsOrBypassesTheChecks() throws {
        var count = 0
        for file in try SourceTree.files(below: "Sources", "Tests") {
            for (index, line) in file.lines.enumerated() {
                count += 1
                guard Self.forbidden.contains(where: line.contains) else { continue }
                let code = SourceLine.code(line)
                for word in Self.forbidden where code.contains(word) {
                    Issue.record("\(file.path):\(index + 1): \(word)")
                }
            }
        }
        #expect(count > 10_000, "the files were not read")
    }

    private static let forbidden = ["try!", "as!", "nonisolated(unsafe)", "@_silgen_name", "unsafeBitCast("]

    @Test func uncheckedSendableSaysWhy() throws {
        for file in try SourceTree.files(below: "Sources") {
            for (index, line) in file.lines.enumerated() where SourceLine.code(line).contains("@unchecked Sendable") {
                #expect(
                    Self.hasReason(file.lines, at: index), "\(file.path):\(index + 1): say in a comment why it is safe")
                #expect(
                    Edges.target(of: file.components).hasSuffix("Kit"),
                    "\(file.path):\(index + 1): only a kit's C handle may be @unchecked Sendable")
            }
        }
    }

    /// Whether a comment is above the line, with nothing but attributes between.
    private static func hasReason(_ lines: [String], at index: Int) -> Bool {
        let above = lines[..<index].reversed().first { line in
            !line.drop { $0 == " " }.hasPrefix("@")
        }
        return above.map(SourceLine.isComment) ?? false
    }

    @Test func codeHasNeitherStringsNorComments() {
        #expect(SourceLine.code("let a = \"try!\" // as!") == "let a = \"\" ")
        #expect(SourceLine.code("let a = \"\\\"try!\" + b") == "let a = \"\" + b")
    }

    @Test func aReasonIsAComment() {
        #expect(
            Self.hasReason(["/// Why.", "@available(*, unavailable)", "final class A: @unchecked Sendable {"], at: 2))
        #expect(!Self.hasReason(["import Glibc", "", "final class A: @unchecked Sendable {"], at: 2))
    }
}
