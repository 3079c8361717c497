import ProviderAPI

/// A listing on its way through the store's pages.
///
/// A store lists keys in the order of their bytes, so that `a` comes before `a-b` and that before `a/b`: an object is
/// held back while a directory of its name may still follow. Those are all beginnings of one key, so few.
struct Listing: Sendable {
    /// What was done here and may not be in the store's listing yet.
    private struct Own: Sendable {
        var file: ObjectInfo?
        var isDirectory = false
    }

    let folder: Folder
    private(set) var storeToken: String?
    /// Where the next page begins.
    var start = KnownPages.Start()
    private(set) var hasMarker = false
    private var held: [ObjectInfo] = []
    private var own: [ExactKey: Own] = [:]
    private var lastContinuation: String?

    /// Before the first page.
    init(folder: Folder, changes: [ObjectInfo], kept: [String]) {
        self.folder = folder
        for info in changes {
            if let marker = folder.marker, info.key.isExactly(marker), info.size == 0 {
                hasMarker = true
                continue
            }
            let (component, isBelow) = split(info.key)
            if isBelow {
                own[ExactKey(component), default: Own()].isDirectory = true
            } else {
                own[ExactKey(component), default: Own()].file = info
            }
        }
        for directory in kept { own[ExactKey(split(directory).component), default: Own()].isDirectory = true }
    }

    /// The component of a key in this directory, and whether the key goes on below it.
    private func split(_ key: String) -> (component: String, isBelow: Bool) {
        let rest = key.dropping(folder.base)
        guard let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) else { return (rest, false) }
        return (String(rest[..<slash]), true)
    }

    /// The entries of the store's next page, which was asked for at that time.
    mutating func take(_ page: ObjectPage, asked: Duration, in tree: ObjectTree) async -> [ObjectChild] {
        storeToken = page.next
        let isLast = page.next == nil
        let directories = page.prefixes.filter { !tree.recent.isDeleted($0) }.map { split($0).component }
        let names = Set(directories.map(ExactKey.init))
        let greatest = (page.objects.map(\.key) + page.prefixes).map(ExactKey.init).max()
        let objects = held + (await live(page.objects, asked: asked, in: tree))
        held = []
        var children: [ObjectChild] = []
        for object in objects {
            let component = ExactKey(object.key.dropping(folder.base))
            let isBeside = names.contains(component) || own[component]?.isDirectory == true
            if !isBeside, !isLast, let greatest, greatest < ExactKey(object.key + "/") {
                held.append(object)
                continue
            }
            own[component]?.file = nil
            append(object, isBeside: isBeside, to: &children)
        }
        for component in directories { appendDirectory(component, to: &children) }
        if isLast { appendOwn(to: &children) }
        return children
    }

    /// The objects that are there after what was done here.
    private mutating func live(_ objects: [ObjectInfo], asked: Duration, in tree: ObjectTree) async -> [ObjectInfo] {
        var live: [ObjectInfo] = []
        for stored in objects {
            guard var info = tree.recent.resolve(stored.key, stored: stored, listed: asked) else { continue }
            if let pending = await tree.opened(stored.key)?.pending { info = pending }
            if ObjectTree.isMarker(info) {
                hasMarker = hasMarker || info.key.isExactly(folder.prefix)
                continue
            }
            live.append(info)
        }
        return live
    }

    private mutating func append(_ object: ObjectInfo, isBeside: Bool, to children: inout [ObjectChild]) {
        let component = object.key.dropping(folder.base)
        guard let (name, continues) = folder.name(of: component, besideDirectory: isBeside) else { return }
        if continues {
            appendContinuation(name, to: &children)
        } else {
            children.append(ObjectChild(name: name, entry: .file(object)))
        }
    }

    private mutating func appendDirectory(_ component: String, to children: inout [ObjectChild]) {
        own[ExactKey(component)]?.isDirectory = false
        guard let (name, continues) = folder.name(of: component, besideDirectory: false) else { return }
        if continues {
            appendContinuation(name, to: &children)
        } else {
            children.append(ObjectChild(name: name, entry: .directory(modificationTime: nil)))
        }
    }

    /// Long names with the same beginning follow one another.
    private mutating func appendContinuation(_ name: String, to children: inout [ObjectChild]) {
        if let lastContinuation, lastContinuation.isExactly(name) { return }
        lastContinuation = name
        children.append(ObjectChild(name: name, entry: .directory(modificationTime: nil)))
    }

    /// What the store does not list yet.
    private mutating func appendOwn(to children: inout [ObjectChild]) {
        for (component, entry) in own.sorted(by: { $0.key < $1.key }) {
            if let file = entry.file { append(file, isBeside: entry.isDirectory, to: &children) }
            if entry.isDirectory {
                appendDirectory(String(decoding: component.bytes, as: UTF8.self), to: &children)
            }
        }
        own = [:]
    }
}
