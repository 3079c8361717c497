import Inventory
import ProviderAPI

/// The directory of one provider: what it offers, and what is known about itself.
struct ProviderContents: Sendable {
    let scope: Scope
    let collections: [DirectoryEntry]
    private let shelves: [ShelfDirectory]
    private let overview: ComputedFile?
    /// How many resources are known, without asking.
    let counts: [KnownCount]

    init(_ scope: Scope) {
        self.scope = scope
        var entries: [DirectoryEntry] = []
        var shelves: [ShelfDirectory] = []
        var counts: [KnownCount] = []
        func add<Item: Described>(_ service: (any CollectionService<Item>)?) -> CollectionContext<Item>? {
            guard let service else { return nil }
            let context = CollectionContext(scope: scope, service: service)
            entries.append(.init(Item.kind.rawValue, CollectionDirectory(context: context)))
            counts.append(context.live.count)
            if let creation = Item.kind.creation, scope.offers(creation) {
                shelves.append(Self.shelf("drafts/\(Item.kind.rawValue)", context))
            }
            return context
        }
        let provider = scope.live.provider
        let machines = add(provider.vms)
        _ = add(provider.disks)
        _ = add(provider.pools)
        _ = add(provider.networks)
        _ = add(provider.subnets)
        _ = add(provider.images)
        _ = add(provider.isos)
        _ = add(provider.flavors)
        _ = add(provider.buckets)
        _ = add(provider.securityGroups)
        _ = add(provider.dns)
        if let machines, scope.offers(.createVM) { shelves.append(Self.shelf(Drafting.profiles, machines)) }
        if let machines { shelves += Self.elementShelves(machines) }
        self.collections = entries
        self.shelves = shelves
        self.counts = counts
        overview = machines.map(Overview.file)
    }

    /// A shelf for each directory of a machine whose elements can be made from drafts.
    private static func elementShelves(_ context: CollectionContext<VirtualMachine>) -> [ShelfDirectory] {
        context.groups.compactMap { group in
            guard group.makeFromDraft != nil, let make = group.make, context.scope.offers(make.operation),
                let parameters = context.live.service.elementParameters[group.name],
                case .directories(let files) = group.shape
            else { return nil }
            return ShelfDirectory(
                scope: context.scope, shelf: "drafts/\(group.name)", kind: nil, parameters: parameters,
                facts: Set(files.map(\.name))
            ) { specification throws(ProviderError) in specification }
        }
    }

    private static func shelf<Item: Described>(_ shelf: String, _ context: CollectionContext<Item>) -> ShelfDirectory {
        ShelfDirectory(
            scope: context.scope, shelf: shelf, kind: Item.kind, parameters: context.live.service.parameters,
            facts: context.factNames
        ) { specification throws(ProviderError) in
            try context.live.service.plan(specification)
        }
    }

    var directory: FixedDirectory {
        let contents = self
        return FixedDirectory(path: scope.name, modified: scope.started, unlisted: { contents.unlisted($0) }) {
            contents.listed()
        }
    }

    private func listed() -> [DirectoryEntry] {
        var entries = ProviderFiles(scope: scope).entries
        if let overview { entries.append(.init("overview", overview)) }
        if scope.live.provider.host != nil {
            entries.append(.init("host", HostNodes.directory(scope)))
        }
        entries.append(.init("jobs", JobNodes.directory(scope)))
        if let profiles = shelves.first(where: { $0.shelf == Drafting.profiles }) {
            entries.append(.init("profiles", profiles))
        }
        if !shelves.isEmpty { entries.append(.init("drafts", drafts)) }
        return entries + present(collections) { $0.name }
    }

    /// Without those of collections that the platform does not have.
    private func present<Entry>(_ entries: [Entry], _ collection: (Entry) -> String) -> [Entry] {
        let absent = scope.live.provider.absentKinds
        guard !absent.isEmpty else { return entries }
        return entries.filter { entry in Kind(rawValue: collection(entry)).map { !absent.contains($0) } ?? true }
    }

    private var drafts: FixedDirectory {
        let contents = self
        return FixedDirectory(path: "\(scope.name)/drafts", modified: scope.started) {
            let entries = contents.shelves.filter { $0.shelf != Drafting.profiles }
                .map { DirectoryEntry(String($0.shelf.dropFirst("drafts/".count)), $0) }
            return contents.present(entries) { $0.name }
        }
    }

    private func unlisted(_ name: String) -> (any Node)? {
        switch name {
        case ".inject": scope.live.provider.faults.map { FaultNodes.directory(scope, $0) }
        case ".error": ComputedFile(path: "\(scope.name)/.error", failures: scope, of: scope.name)
        default: nil
        }
    }
}

/// The files that every provider has.
struct ProviderFiles {
    let scope: Scope

    var entries: [DirectoryEntry] {
        let live = scope.live
        let silences = scope.silences
        let name = scope.name
        var entries: [DirectoryEntry] = [
            .init(
                "type",
                ComputedFile(path: "\(name)/type", clock: scope.clock) { Array((live.provider.type + "\n").utf8) }),
            .init(
                "status",
                ComputedFile(
                    path: "\(name)/status", clock: scope.clock,
                    answering: { () throws(ProviderError) in
                        try live.health().map { Array((Self.text($0) + "\n").utf8) }
                    })),
            .init(
                "capabilities",
                ComputedFile(path: "\(name)/capabilities", clock: scope.clock) { [scope] in
                    Array(scope.presentOperations.map { $0.rawValue + "\n" }.joined().utf8)
                }),
            .init(
                "errors",
                ComputedFile(path: "\(name)/errors", clock: scope.clock) {
                    Array(live.failures.failures.map { $0.line + "\n" }.joined().utf8)
                }),
            .init(
                "refresh",
                ControlFile(path: "\(name)/refresh", modified: scope.started) { _, _ in
                    live.refresh()
                    silences.forget()
                    return .done
                }),
        ]
        entries.append(.init("events", JournalNode(path: "\(name)/events", journal: live.events, clock: scope.clock)))
        return entries
    }

    private static func text(_ health: LiveProvider.Health) -> String {
        switch health {
        case .up: "up"
        case .unknown: "down: no answer yet"
        case .down(let reason): "down: \(reason.split(whereSeparator: \.isNewline).joined(separator: "; "))"
        }
    }
}

/// `overview`: an aligned table for people.
enum Overview {
    static func file(_ context: CollectionContext<VirtualMachine>) -> ComputedFile {
        ComputedFile(
            path: "\(context.scope.name)/overview", clock: context.scope.clock,
            answering: {
                () throws(ProviderError) in
                try context.live.records(.init(detail: true, polled: true)).map { records in
                    let rows = records.map { record -> [String] in
                        let machine = record.item
                        return [
                            record.entryName, machine.status.rawValue, machine.addresses.first ?? "",
                            machine.image ?? "", machine.metadata["plan"] ?? "", machine.metadata["profile"] ?? "",
                        ]
                    }
                    return Array(table([["NAME", "STATUS", "IP", "SOURCE", "PLAN", "PROFILE"]] + rows).utf8)
                }
            })
    }

    /// Columns as wide as their widest text, two spaces between them.
    static func table(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text + String(repeating: " ", count: widths[column] - text.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
