import FoundationEssentials
public import ProviderAPI
import Synchronization

/// What is being prepared, and the presets: small trees of text files that outlive the daemon. Each is one JSON file
/// below the state directory, replaced as a whole (rename(2)), so that a killed daemon leaves the old or the new. Mounts
/// that share the directory see each other's, and none overwrites what it has not seen.
public final class DraftStore: Sendable {
    /// One draft: its files and directories by their paths below it.
    public struct Draft: Sendable, Codable, Hashable {
        /// A file.
        public struct File: Sendable, Codable, Hashable {
            /// Its content.
            public var text: String
            /// When it last changed, nanoseconds since 1970.
            public var modified: Int64

            /// A file.
            public init(text: String, modified: Int64) {
                self.text = text
                self.modified = modified
            }
        }

        /// The files, by path.
        public var files: [String: File] = [:]
        /// The directories, by path.
        public var directories: Set<String> = []
        /// When it was made, nanoseconds since 1970.
        public var created: Int64

        /// The names directly below a directory (empty: the draft itself), directories last, each in order.
        public func names(below directory: String) -> (files: [String], directories: [String]) {
            let prefix = directory.isEmpty ? "" : directory + "/"
            func direct(_ paths: some Sequence<String>) -> [String] {
                paths.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/") && $0 != directory }
                    .map { String($0.dropFirst(prefix.count)) }.sorted()
            }
            return (direct(files.keys), direct(directories))
        }

        /// Its paths and texts, in bytes.
        fileprivate var length: Int {
            files.reduce(0) { $0 + $1.key.utf8.count + $1.value.text.utf8.count }
                + directories.reduce(0) { $0 + $1.utf8.count }
        }

        /// What it takes of what all of them may take: its length, and the place of each thing in memory.
        fileprivate var weight: Int { length + (files.count + directories.count + 2) * 128 }
    }

    private struct State {
        var shelves: DraftFolder.Shelves = [:]
        /// The number of changes that the folder had when it was read; nil where that is to be done again.
        var seen: UInt64?
        /// What all drafts take.
        var weight = 0

        mutating func read(_ folder: DraftFolder, at changes: UInt64?) {
            shelves = folder.shelves()
            weight = shelves.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.weight } }
            seen = changes
        }

        /// Some drafts of a shelf as `body` makes them. `noSpace` where all together would be too large.
        func changed(
            _ names: [String], on shelf: String, _ body: (inout [String: Draft]) throws(ProviderError) -> Void
        ) throws(ProviderError) -> [String: Draft] {
            var drafts: [String: Draft] = [:]
            for name in names { drafts[name] = shelves[shelf]?[name] }
            let before = drafts.values.reduce(0) { $0 + $1.weight }
            try body(&drafts)
            let grown = drafts.values.reduce(-before) { $0 + $1.weight }
            guard grown <= 0 || weight + grown <= DraftStore.commonLimit else {
                let limit = DraftStore.commonLimit >> 20
                throw ProviderError(.noSpace, "all drafts and profiles of a provider hold at most \(limit) MiB")
            }
            return drafts
        }

        /// Puts them in their places; a name without a draft has none any more.
        mutating func install(_ drafts: [String: Draft], _ names: [String], on shelf: String) {
            for name in names {
                weight += (drafts[name]?.weight ?? 0) - (shelves[shelf]?[name]?.weight ?? 0)
                shelves[shelf, default: [:]][name] = drafts[name]
            }
        }
    }

    /// One draft holds no more, in bytes.
    private static let limit = 1 << 20
    /// All drafts and profiles of a provider together hold no more, in bytes.
    private static let commonLimit = 32 << 20
    private let folder: DraftFolder?
    private let time: TimeSource
    private let state = Mutex(State())

    /// Presets of the configuration, by name: parameters as they are written there. They are used and never shown.
    public let presets: [String: [Value.Entry]]

    /// The drafts kept below a directory, which is made when there is something to keep; nil keeps them in memory only.
    public init(directory: String?, presets: [String: [Value.Entry]] = [:], time: TimeSource = .system) {
        self.presets = presets
        self.time = time
        folder = directory.map(DraftFolder.init)
    }

    /// The names on a shelf (`profiles`, `drafts/vms`), in order.
    public func names(on shelf: String) -> [String] {
        current { $0[shelf].map { $0.keys.sorted() } ?? [] }
    }

    /// One draft.
    public func draft(_ name: String, on shelf: String) -> Draft? {
        current { $0[shelf]?[name] }
    }

    /// Begins an empty one. `alreadyExists` where the name is taken, `noSpace` where there are too many.
    public func create(_ name: String, on shelf: String) throws(ProviderError) {
        try change([name], on: shelf) { drafts throws(ProviderError) in
            guard drafts[name] == nil else { throw ProviderError(.alreadyExists, "\(shelf)/\(name) is there already") }
            drafts[name] = Draft(created: time.wall())
        }
    }

    /// Throws one away.
    public func remove(_ name: String, from shelf: String) throws(ProviderError) {
        try change([name], on: shelf) { drafts throws(ProviderError) in
            guard drafts.removeValue(forKey: name) != nil else { throw Self.missing(name, shelf) }
        }
    }

    /// Gives one another name.
    public func rename(_ name: String, to newName: String, on shelf: String) throws(ProviderError) {
        try change([newName, name], on: shelf) { drafts throws(ProviderError) in
            guard drafts[newName] == nil else {
                throw ProviderError(.alreadyExists, "\(shelf)/\(newName) is there already")
            }
            guard let draft = drafts.removeValue(forKey: name) else { throw Self.missing(name, shelf) }
            drafts[newName] = draft
        }
    }

    /// Changes one; an error leaves it as it was. `tooLarge` for one that has grown too large, `noSpace` where all have.
    public func update(
        _ name: String, on shelf: String, _ body: (inout Draft) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        try change([name], on: shelf) { drafts throws(ProviderError) in
            guard var draft = drafts[name] else { throw Self.missing(name, shelf) }
            try body(&draft)
            guard draft.length <= Self.limit else {
                throw ProviderError(.tooLarge, "a draft holds at most \(Self.limit) bytes")
            }
            drafts[name] = draft
        }
    }

    /// Now, for the times of files.
    public var now: Int64 { time.wall() }

    private static func missing(_ name: String, _ shelf: String) -> ProviderError {
        ProviderError(.notFound, "there is no \(shelf)/\(name)")
    }

    /// Looks at the drafts as the folder has them.
    private func current<Result>(_ body: (DraftFolder.Shelves) -> Result) -> Result {
        state.withLock { state in
            if let folder {
                let changes = folder.changes
                if changes == nil || changes != state.seen { state.read(folder, at: changes) }
            }
            return body(state.shelves)
        }
    }

    /// Changes some drafts of a shelf, of which those that are there are given to `body`, and keeps them in the order of
    /// `names`; or does neither.
    private func change(
        _ names: [String], on shelf: String, _ body: (inout [String: Draft]) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        try state.withLock { state throws(ProviderError) in
            guard let folder else {
                return state.install(try state.changed(names, on: shelf, body), names, on: shelf)
            }
            try folder.alone { turn throws(ProviderError) in
                if turn.changes == nil || turn.changes != state.seen { state.read(folder, at: turn.changes) }
                let drafts = try state.changed(names, on: shelf, body)
                // Until it is kept, what is in the folder may be half of it.
                state.seen = nil
                state.seen = try turn.keep(names.map { ($0, drafts[$0]) }, on: shelf)
                state.install(drafts, names, on: shelf)
            }
        }
    }
}
