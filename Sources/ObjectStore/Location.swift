/// Where a path leads in the keys of a bucket.
enum Location: Sendable {
    /// A directory that is no component of its own: the bucket, or the continuation of a long name.
    case folder(Folder)
    /// A component: an object, a directory or both.
    case named(parent: String, component: String, besideDirectory: Bool)

    /// Reads a path; nil where no key is written that way.
    init?(_ path: [String]) {
        var parent = ""
        var names: [String] = []
        var pieces: [String] = []
        for (index, name) in path.enumerated() {
            let (piece, ending) = KeyName.parse(name)
            names.append(name)
            pieces.append(piece)
            if ending == .continued {
                guard !piece.isEmpty, (KeyName.escape(piece) + KeyName.continuationSuffix).isExactly(name) else {
                    return nil
                }
                continue
            }
            let component = pieces.joined()
            let isFile = ending == .file
            guard Location.names(names, are: KeyName.names(of: component, besideDirectory: isFile)) else { return nil }
            if index == path.count - 1 {
                self = .named(parent: parent, component: component, besideDirectory: isFile)
                return
            }
            if isFile { return nil }
            parent += component + "/"
            (names, pieces) = ([], [])
        }
        self = .folder(Folder(base: parent, pieces: pieces))
    }

    private static func names(_ names: [String], are expected: [String]) -> Bool {
        names.count == expected.count && zip(names, expected).allSatisfy { $0.isExactly($1) }
    }

    /// The key of the object there; nil where there can be none.
    var key: String? {
        guard case .named(let parent, let component, _) = self else { return nil }
        return parent + component
    }

    /// The directory there; nil where there can be none.
    var folder: Folder? {
        switch self {
        case .folder(let folder): folder
        case .named(let parent, let component, let besideDirectory):
            besideDirectory ? nil : Folder(base: parent + component + "/", pieces: [])
        }
    }

    /// Whether the object is asked for by the name it has beside a directory.
    var isBesideDirectory: Bool {
        if case .named(_, _, true) = self { true } else { false }
    }

    /// The prefix of the directory it is in.
    var parent: String {
        switch self {
        case .folder(let folder): folder.base
        case .named(let parent, _, _): parent
        }
    }
}

/// A directory: a prefix that ends in `/` (or the empty one), and the parts of a long component below it.
struct Folder: Sendable {
    /// The empty prefix, or one that ends in `/`.
    let base: String
    /// The parts of a component that is too long for one name, as far as the path has gone.
    let pieces: [String]

    /// What the keys below begin with.
    var prefix: String { base + pieces.joined() }

    /// Whether it is the whole bucket.
    var isRoot: Bool { base.isEmpty && pieces.isEmpty }

    /// The key of the empty object that stands for the directory itself; nil where there is none.
    var marker: String? { isRoot || !pieces.isEmpty ? nil : base }

    /// The name a component has here, and whether it goes on in a directory; nil when it belongs elsewhere.
    func name(of component: String, besideDirectory: Bool) -> (name: String, continues: Bool)? {
        let names = KeyName.names(of: component, besideDirectory: besideDirectory)
        if pieces.isEmpty { return (names[0], names.count > 1) }
        guard names.count > pieces.count else { return nil }
        for (name, piece) in zip(names, pieces)
        where !name.isExactly(KeyName.escape(piece) + KeyName.continuationSuffix) { return nil }
        return (names[pieces.count], names.count > pieces.count + 1)
    }
}
