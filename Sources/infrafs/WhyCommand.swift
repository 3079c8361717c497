import ArgumentParser
import Glibc

/// `infrafs why`.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why the last operation failed.",
        discussion: """
            An errno says little; this prints the reason in full.

              infrafs why              the last one of the provider you are in, or of all
              infrafs why vms/web1     the last one of that resource, or within it

            Exits with 1 when no failure is recorded.
            """)

    @Argument(help: "A path in the mount, also one that could not be made.", completion: .file())
    var path: String?

    mutating func run() throws {
        if let path, let reason = ExtendedAttribute.read("user.infrafs.error", of: path), !reason.isEmpty {
            Standard.output(reason)
            return
        }
        let place = try MountedPath(path ?? ".")
        guard let line = Self.lines(of: place, only: path == nil ? nil : place.relative).max() else {
            throw Failure(.failed, "no failure is recorded for \(path ?? "here")")
        }
        Standard.output(line)
    }

    /// The recorded failures; each line begins with its time, so that the greatest is the last.
    private static func lines(of place: MountedPath, only path: String?) -> [String] {
        let providers = place.provider.map { [$0] } ?? names(in: place.root)
        let lines = providers.flatMap { provider in
            (TextFile.read("\(place.root)/\(provider)/errors") ?? "").split(separator: "\n").map(String.init)
        }
        guard let path, !path.isEmpty, path != place.provider else { return lines }
        let own = lines.filter { $0.contains(" \(path) ") || $0.contains(" \(path)/") }
        guard own.isEmpty else { return own }
        // In an outage the way there ends before it.
        let parents = path.split(separator: "/").indices.dropFirst().map { count in
            path.split(separator: "/").prefix(count).joined(separator: "/")
        }
        return lines.filter { line in parents.dropFirst().contains { line.contains(" \($0) ") } }
    }

    private static func names(in root: String) -> [String] {
        guard let directory = opendir(root) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix("."), name != "README" { names.append(name) }
        }
        return names
    }
}
