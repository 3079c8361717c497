/// The command line, whoever wrote it: a person, or mount(8), which runs `infrafs SOURCE MOUNTPOINT -o OPTIONS` for the
/// type `fuse.infrafs`, and `mount.infrafs SOURCE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE]` for the type `infrafs`.
enum Invocation {
    /// The arguments after the program's name, with `mount` first where mount(8) calls.
    static func arguments(from words: [String]) -> [String] {
        let name = words.first?.split(separator: "/").last.map(String.init) ?? ""
        let arguments = Array(words.dropFirst())
        guard name.hasPrefix("mount.") else { return arguments }
        return ["mount"] + helperArguments(arguments)
    }

    /// mount(8), EXTERNAL HELPERS: `-f` means a dry run there, `-s` to tolerate unknown options, `-n` and `-v` nothing to
    /// us, `-t` and `-N` have a value.
    private static func helperArguments(_ words: [String]) -> [String] {
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "-t" || word == "-N" {
                rest = rest.dropFirst()
            } else if word.hasPrefix("-"), word.count > 1, word.dropFirst().allSatisfy({ "sfnv".contains($0) }) {
                if word.contains("f") { kept.append("--dry-run") }
            } else {
                kept.append(word)
            }
        }
        return kept
    }
}
