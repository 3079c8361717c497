import Inventory
import ProviderAPI

/// The drafts of one collection, or the profiles: a directory in which `mkdir` begins one.
struct ShelfDirectory: DirectoryNode {
    let scope: Scope
    /// `profiles`, or `drafts/COLLECTION`.
    let shelf: String
    /// nil for the elements of a machine's directory.
    let kind: Kind?
    let parameters: [Parameter]
    let facts: Set<String>
    /// What the provider would make of a specification.
    let plan: @Sendable (Specification) throws(ProviderError) -> Specification

    var path: String { "\(scope.name)/\(shelf)" }
    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.directory, isWritable: true, modified: scope.started, validity: .untilChanged))
    }

    private func node(_ name: String) -> DraftDirectory {
        DraftDirectory(shelfNode: self, name: name, below: "")
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        guard let decoded = EntryName.decode(name), let node = entry(decoded) else {
            throw ProviderError(.notFound, "there is no \(path)/\(name)")
        }
        return .now(node)
    }

    /// A draft, or a preset of the configuration that no profile of the same name stands before.
    private func entry(_ name: String) -> (any DirectoryNode)? {
        if scope.drafts.draft(name, on: shelf) != nil { return node(name) }
        return presets[name].map { PresetNodes.directory(self, name, $0) }
    }

    private var presets: [String: [Value.Entry]] { shelf == Drafting.profiles ? scope.drafts.presets : [:] }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let names = Set(scope.drafts.names(on: shelf)).union(presets.keys).sorted()
        return .now(
            EntryList(names.compactMap { name in entry(name).map { DirectoryEntry(EntryName.encode(name), $0) } }))
    }

    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let decoded = try Parsing.platformName(name)
        try scope.drafts.create(decoded, on: shelf)
        return .now(node(decoded))
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard let decoded = EntryName.decode(name), let draft = scope.drafts.draft(decoded, on: shelf) else {
            guard EntryName.decode(name).flatMap({ presets[$0] }) == nil else {
                throw ProviderError(.notPermitted, "\(path)/\(name) comes from the configuration: remove it there")
            }
            throw ProviderError(.notFound, "there is no \(path)/\(name)")
        }
        guard draft.files.isEmpty, draft.directories.isEmpty else {
            throw ProviderError(.notEmpty, "\(path)/\(name) is not empty")
        }
        try scope.drafts.remove(decoded, from: shelf)
        return .done
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let draft = node as? DraftDirectory, draft.below.isEmpty, draft.shelf == shelf, draft.scope === scope
        else { throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)") }
        try scope.drafts.rename(draft.name, to: try Parsing.platformName(name), on: shelf)
        return .done
    }
}

/// A draft, or a directory in it: holds only what was set.
struct DraftDirectory: DirectoryNode {
    let shelfNode: ShelfDirectory
    let name: String
    /// The directory's path in the draft; empty for the draft itself.
    let below: String

    var scope: Scope { shelfNode.scope }
    var shelf: String { shelfNode.shelf }
    private var reader: DraftReader { DraftReader(parameters: shelfNode.parameters, facts: shelfNode.facts) }
    var path: String { "\(shelfNode.path)/\(EntryName.encode(name))" + (below.isEmpty ? "" : "/\(below)") }
    var inode: UInt64 { Identity.inode(path: path) }

    func inner(_ name: String) -> String { below.isEmpty ? name : "\(below)/\(name)" }

    private func draft() throws(ProviderError) -> DraftStore.Draft {
        guard let draft = scope.drafts.draft(name, on: shelf), below.isEmpty || draft.directories.contains(below) else {
            throw ProviderError(.notFound, "there is no \(path)")
        }
        return draft
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.directory, isWritable: true, modified: try draft().created, validity: .none))
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let draft = try draft()
        if draft.files[inner(name)] != nil { return .now(file(name)) }
        if draft.directories.contains(inner(name)) { return .now(directory(name)) }
        if let scratch = scope.scratch.file(name, in: self) { return .now(scratch) }
        if below.isEmpty, name == ".plan" { return .now(planFile()) }
        if below.isEmpty, name == ".error" {
            return .now(ComputedFile(path: "\(path)/.error", failures: scope, of: path))
        }
        throw ProviderError(.notFound, "there is no \(path)/\(name)")
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let names = try draft().names(below: below)
        return .now(
            EntryList(
                names.files.map { DirectoryEntry($0, file($0)) }
                    + names.directories.map { DirectoryEntry($0, directory($0)) }))
    }

    private func file(_ name: String) -> DraftFile { DraftFile(directory: self, name: name) }
    private func directory(_ name: String) -> DraftDirectory {
        DraftDirectory(shelfNode: shelfNode, name: self.name, below: inner(name))
    }

    private func planFile() -> ComputedFile {
        let node = self
        return ComputedFile(path: "\(path)/.plan", clock: node.scope.clock) {
            guard let draft = node.scope.drafts.draft(node.name, on: node.shelf) else { return [] }
            do throws(ProviderError) {
                let specification = try Drafting(node.scope).specification(
                    node.name, draft, parameters: node.shelfNode.parameters, kind: node.shelfNode.kind,
                    facts: node.shelfNode.facts)
                let plan = try node.shelfNode.plan(specification).redacted(node.shelfNode.parameters)
                let values = plan.values.sorted { $0.key < $1.key }.map { Value.Entry($0.key, $0.value) }
                return Rendering.yaml(.map([.init("name", .text(plan.name))] + values))
            } catch {
                return Array("# cannot be created: \(error.description)\n".utf8)
            }
        }
    }

    // MARK: Changes

    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        if below.isEmpty, let parameter = try reader.known(name) {
            switch parameter.form {
            case .entries, .map: break
            default: throw ProviderError(.invalidValue, "\(name) is a file, not a directory")
            }
        }
        guard inner(name).split(separator: "/").count <= 4 else {
            throw ProviderError(.invalidValue, "\(path) is too deep for another directory")
        }
        let inner = inner(name)
        try scope.drafts.update(self.name, on: shelf) { draft in draft.directories.insert(inner) }
        return .now(directory(name))
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let inner = inner(name)
        let path = path
        try scope.drafts.update(self.name, on: shelf) { draft throws(ProviderError) in
            let names = draft.names(below: inner)
            guard names.files.isEmpty, names.directories.isEmpty else {
                throw ProviderError(.notEmpty, "\(path)/\(name) is not empty")
            }
            draft.directories.remove(inner)
        }
        return .done
    }

    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        if scope.scratch.remove(name, in: inode) { return .done }
        let inner = inner(name)
        let path = path
        try scope.drafts.update(self.name, on: shelf) { draft throws(ProviderError) in
            guard draft.files.removeValue(forKey: inner) != nil else {
                throw ProviderError(.notFound, "there is no \(path)/\(name)")
            }
        }
        return .done
    }

    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        if ScratchStore.isScratchName(name) { return try scope.scratch.make(name, in: self, by: caller) }
        try reader.permit(inner(name))
        let node = file(name)
        try node.store("")
        return try node.open(OpenMode(reading: true, writing: true, truncating: true), by: caller).map {
            CreatedFile(node: node, file: $0)
        }
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let scratch = node as? ScratchFile else {
            throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
        }
        try reader.permit(inner(name))
        try file(name).write(scratch.bytes)
        scratch.remove()
        return .done
    }
}

/// One file of a draft.
struct DraftFile: FileNode {
    let directory: DraftDirectory
    let name: String

    var path: String { "\(directory.path)/\(name)" }
    var inode: UInt64 { Identity.inode(path: path) }
    private var inner: String { directory.inner(name) }

    private func stored() throws(ProviderError) -> DraftStore.Draft.File {
        guard let file = directory.scope.drafts.draft(directory.name, on: directory.shelf)?.files[inner] else {
            throw ProviderError(.notFound, "there is no \(path)")
        }
        return file
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(status(of: try stored()))
    }

    private func status(of file: DraftStore.Draft.File) -> NodeStatus {
        let parameter = parameter
        return NodeStatus(
            .file, isWritable: true, size: shown(file).count, modified: file.modified, validity: .none,
            isPrivate: inner == "info" || parameter?.isSecret == true || parameter?.mayHoldSecrets == true)
    }

    /// What a reader gets: a password is written and never read back.
    private func shown(_ file: DraftStore.Draft.File) -> [UInt8] {
        parameter?.isSecret == true ? [] : Array(file.text.utf8)
    }

    func content() throws(ProviderError) -> Answer<Content>? {
        let file = try stored()
        return .now(Content(bytes: shown(file), status: status(of: file)))
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let shown = shown(try stored())
        guard mode.writing else { return .now(FixedFile(bytes: shown)) }
        let node = self
        let isDocument = isDocument
        let start = mode.truncating || !isDocument ? [] : shown
        return .now(
            ValueFile(isDocument: isDocument, start: start, isAppending: mode.appending) {
                bytes, _ throws(ProviderError) in
                try node.write(bytes)
                return .done
            })
    }

    private var parameter: Parameter? {
        let parameters = directory.shelfNode.parameters
        let path = inner.split(separator: "/").map(String.init)
        guard let top = path.first, let parameter = DraftReader.parameter(top, in: parameters) else { return nil }
        guard path.count == 3, case .entries(let fields) = parameter.form else {
            return path.count == 1 ? parameter : nil
        }
        return DraftReader.parameter(path[2], in: fields)
    }

    private var isDocument: Bool {
        switch parameter?.form {
        case .number?, .mebibytes?, .gibibytes?, .flag?, .choice?: false
        default: true
        }
    }

    /// Checks a whole text and keeps it.
    func write(_ bytes: [UInt8]) throws(ProviderError) {
        let text = try Parsing.text(bytes)
        let reader = DraftReader(parameters: directory.shelfNode.parameters, facts: directory.shelfNode.facts)
        if inner == "info" {
            _ = try reader.values(ofDocument: text)
            if let split = try reader.splitSecrets(fromDocument: text) {
                return try store(split.secrets.merging(["info": split.rest]) { secret, _ in secret })
            }
        } else if let parameter, !text.isEmpty {
            _ = try reader.value(text, parameter, path: inner)
        }
        // Kept as it was written, so that a copy compares equal.
        try store(text.isEmpty ? "" : String(decoding: bytes, as: UTF8.self))
    }

    func store(_ text: String) throws(ProviderError) {
        try store([inner: text])
    }

    private func store(_ files: [String: String]) throws(ProviderError) {
        let store = directory.scope.drafts
        try store.update(directory.name, on: directory.shelf) { draft in
            for (path, text) in files where draft.files[path]?.text != text {
                draft.files[path] = .init(text: text, modified: store.now)
            }
        }
    }
}
