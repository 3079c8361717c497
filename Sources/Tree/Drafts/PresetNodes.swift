import Inventory
import ProviderAPI

/// A preset of the configuration as a profile that can be read: what is known to be no secret.
enum PresetNodes {
    /// What a platform is told of a machine in its own words. Anything else (`rootpassword`, `cmds`, free metadata, ...) may
    /// hold a password, and is used and not shown.
    private static let shown = Set(StandardParameters.vm.flatMap { [$0.name] + $0.aliases }).subtracting(["metadata"])

    /// The directory of one: `info`, and nothing that can be written.
    static func directory(_ shelf: ShelfDirectory, _ name: String, _ preset: [Value.Entry]) -> FixedDirectory {
        let path = "\(shelf.path)/\(EntryName.encode(name))"
        let file = ComputedFile(path: "\(path)/info", clock: shelf.scope.clock) { info(preset) }
        return FixedDirectory(path: path, modified: shelf.scope.started) { [DirectoryEntry("info", file)] }
    }

    private static func info(_ preset: [Value.Entry]) -> [UInt8] {
        let told = preset.filter { shown.contains($0.key) }
        let kept = preset.filter { !shown.contains($0.key) }.map(\.key).sorted()
        let note = kept.isEmpty ? "" : "# used and not shown: \(kept.joined(separator: ", "))\n"
        return Array(note.utf8) + (told.isEmpty ? [] : Rendering.yaml(.map(told)))
    }
}
