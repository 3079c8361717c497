import FoundationEssentials
public import ProviderAPI
import Synchronization

/// What is being prepared, and the presets: small trees of text files that outlive the daemon. Each is one JSON file
/// below the state directory, replaced as a whole (rename(2)), so that a killed daemon leaves the old or the new.
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
    }

    private static let sizeLimit = 1 << 20
    private static let countLimit = 10_000
    private let directory: String?
    private let time: TimeSource
    private let shelves: Mutex<[String: [String: Draft]]>

    /// Presets of the configuration, by name: parameters as they are written there. They are used and never shown.
    public let presets: [String: [Value.Entry]]

    /// The drafts kept below a directory, which is made when there is something to keep; nil keeps them in memory only.
    public init(directory: String?, presets: [String: [Value.Entry]] = [:], time: TimeSource = .system) {
        self.presets = presets
        self.directory = directory
        self.time = time
        shelves = Mutex(directory.map(Self.load) ?? [:])
    }

    /// The names on a shelf (`profiles`, `drafts/vms`), in order.
    public func names(on shelf: String) -> [String] {
        shelves.withLock { $0[shelf].map { $0.keys.sorted() } ?? [] }
    }

    /// One draft.
    public func draft(_ name: String, on shelf: String) -> Draft? {
        shelves.withLock { $0[shelf]?[name] }
    }

    /// Begins an empty one. `alreadyExists` where the name is taken.
    public func create(_ name: String, on shelf: String) throws(ProviderError) {
        try change(shelf) { drafts throws(ProviderError) in
            guard drafts[name] == nil else { throw ProviderError(.alreadyExists, "\(shelf)/\(name) is there already") }
            guard drafts.count < Self.countLimit else { throw ProviderError(.noSpace, "there are too many drafts") }
            drafts[name] = Draft(created: time.wall())
        } persist: { _ in
            [name]
        }
    }

    /// Throws one away.
    public func remove(_ name: String, from shelf: String) throws(ProviderError) {
        try change(shelf) { drafts throws(ProviderError) in
            guard drafts.removeValue(forKey: name) != nil else { throw Self.missing(name, shelf) }
        } persist: { _ in
            [name]
        }
    }

    /// Gives one another name.
    public func rename(_ name: String, to newName: String, on shelf: String) throws(ProviderError) {
        try change(shelf) { drafts throws(ProviderError) in
            guard drafts[newName] == nil else {
                throw ProviderError(.alreadyExists, "\(shelf)/\(newName) is there already")
            }
            guard let draft = drafts.removeValue(forKey: name) else { throw Self.missing(name, shelf) }
            drafts[newName] = draft
        } persist: { _ in
            [newName, name]
        }
    }

    /// Changes one; an error leaves it as it was.
    public func update(
        _ name: String, on shelf: String, _ body: (inout Draft) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        try change(shelf) { drafts throws(ProviderError) in
            guard var draft = drafts[name] else { throw Self.missing(name, shelf) }
            try body(&draft)
            let size = draft.files.reduce(0) { $0 + $1.key.utf8.count + $1.value.text.utf8.count }
            guard size <= Self.sizeLimit else {
                throw ProviderError(.tooLarge, "a draft holds at most \(Self.sizeLimit) bytes")
            }
            drafts[name] = draft
        } persist: { _ in
            [name]
        }
    }

    /// Now, for the times of files.
    public var now: Int64 { time.wall() }

    private static func missing(_ name: String, _ shelf: String) -> ProviderError {
        ProviderError(.notFound, "there is no \(shelf)/\(name)")
    }

    /// Changes a shelf and keeps it, or neither.
    private func change(
        _ shelf: String, _ body: (inout [String: Draft]) throws(ProviderError) -> Void,
        persist names: ([String: Draft]) -> [String]
    ) throws(ProviderError) {
        try shelves.withLock { shelves throws(ProviderError) in
            var drafts = shelves[shelf] ?? [:]
            try body(&drafts)
            for name in names(drafts) { try save(drafts[name], name, shelf) }
            shelves[shelf] = drafts
        }
    }

    private func save(_ draft: Draft?, _ name: String, _ shelf: String) throws(ProviderError) {
        guard let directory else { return }
        let folder = "\(directory)/\(shelf)"
        let path = "\(folder)/\(KeptDraft.fileName(of: name))"
        do {
            guard let draft else { return try FileManager.default.removeItem(atPath: path) }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try KeptDraft(name, draft).encoded().write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw ProviderError(.failed, "the draft \(shelf)/\(name) cannot be kept in \(folder)", cause: "\(error)")
        }
    }

    /// Removes what a daemon that was killed in the middle of writing left behind. Another may be writing just now.
    private static func removeRest(_ path: String) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let modified = attributes?[.modificationDate] as? Date, Date().timeIntervalSince(modified) > 60 else {
            return
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func load(_ directory: String) -> [String: [String: Draft]] {
        var shelves: [String: [String: Draft]] = [:]
        for shelf in ["profiles"] + Kind.allCases.map({ "drafts/\($0.rawValue)" }) {
            let folder = "\(directory)/\(shelf)"
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                guard file.hasSuffix(".json") else {
                    removeRest("\(folder)/\(file)")
                    continue
                }
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)"),
                    let kept = KeptDraft(data, in: file)
                else { continue }
                shelves[shelf, default: [:]][kept.name] = kept.draft
            }
        }
        return shelves
    }
}
