import FoundationEssentials

/// The repository's Swift files, found from this one's place in it.
enum SourceTree {
    /// One file: its path below the root, and its lines.
    struct File: Sendable {
        let path: String
        let lines: [String]

        var name: String { String(path.split(separator: "/").last ?? "") }
        var components: [String] { path.split(separator: "/").map(String.init) }
    }

    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// All Swift files below some of the root's directories, by path.
    static func files(below directories: String...) throws -> [File] {
        try directories.flatMap { directory -> [File] in
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(directory)")
            return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
                let text = try String(contentsOfFile: "\(root)/\(directory)/\(path)", encoding: .utf8)
                return File(
                    path: "\(directory)/\(path)",
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            }
        }
    }
}

/// What a line of Swift says, as far as these rules need it.
enum SourceLine {
    /// The module that a line imports; nil where it imports none.
    static func imported(_ line: String) -> String? {
        let modifiers: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
        var words = code(line).split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ";" }).map(String.init)[...]
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words.removeFirst() }
        guard words.popFirst() == "import" else { return nil }
        if let word = words.first, kinds.contains(word) { words.removeFirst() }
        return words.first.flatMap { $0.split(separator: ".").first }.map(String.init)
    }

    /// A line without what its strings hold and without its comment.
    static func code(_ line: String) -> String {
        var code = ""
        var isQuoted = false
        var isEscaped = false
        for character in line {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
                code.append(character)
            } else if !isQuoted {
                code.append(character)
                if code.hasSuffix("//") { return String(code.dropLast(2)) }
            }
        }
        return code
    }

    /// Whether a line is nothing but a comment.
    static func isComment(_ line: String) -> Bool {
        line.drop { $0 == " " || $0 == "\t" }.hasPrefix("//")
    }
}
