import ProviderAPI

/// One file of a resource: what it is called, what it prints and what a write to it means.
struct Attribute<Item: Resource>: Sendable {
    /// What a write means.
    struct Write: Sendable {
        /// The operations a write can come to; one of them supported makes the file writable.
        var operations: Set<Operation>
        /// Whether a value may have several lines: then it is applied at close, else by the write that carries it.
        var isDocument = false
        /// The change a text asks for; nil where the item already is so. `invalidValue` for rubbish.
        var change: @Sendable (_ text: String, _ item: Item) throws(ProviderError) -> Item.Change?
    }

    /// The name of the file.
    var name: String
    /// One line for README and people.
    var help: String
    /// Whether a bulk listing may lack it.
    var isDetail = false
    /// Whether a listing of the directory shows it.
    var isListed = true
    /// The operation without which there is no such file; nil: always there.
    var requires: Operation?
    /// Whether only those have the file that have something to print in it.
    var isPart = false
    /// What it prints; nil for an action, which prints nothing.
    var read: (@Sendable (Item) -> Value)?
    /// What a write means; nil where it cannot be written.
    var write: Write?

    /// A fact.
    static func fact(
        _ name: String, _ help: String, detail: Bool = false, requires: Operation? = nil,
        _ read: @escaping @Sendable (Item) -> Value
    ) -> Attribute {
        Attribute(name: name, help: help, isDetail: detail, requires: requires, read: read)
    }

    /// A fact that only some of a kind have, by what they are: the others have no such file.
    static func part(_ name: String, _ help: String, _ read: @escaping @Sendable (Item) -> Value) -> Attribute {
        Attribute(name: name, help: help, isPart: true, read: read)
    }

    /// Whether an item has the file.
    func isPart(of item: Item) -> Bool {
        guard isPart, let read else { return true }
        return ![Value.none, .list([])].contains(read(item))
    }

    /// The same with a write.
    func writing(
        _ operations: Operation..., document: Bool = false,
        _ change: @escaping @Sendable (String, Item) throws(ProviderError) -> Item.Change?
    ) -> Attribute {
        var attribute = self
        attribute.write = Write(operations: Set(operations), isDocument: document, change: change)
        return attribute
    }

    /// An action: a write does something, a read gives nothing.
    static func action(
        _ name: String, _ help: String, _ operation: Operation,
        _ change: @escaping @Sendable (String, Item) throws(ProviderError) -> Item.Change?
    ) -> Attribute {
        Attribute(
            name: name, help: help, requires: operation,
            write: Write(operations: [operation], change: change))
    }
}

/// A directory of a resource whose entries come from the resource itself: its disks, interfaces, snapshots, metadata.
struct Group<Item: Resource>: Sendable {
    /// A file of one element.
    struct File: Sendable {
        /// The name of the file.
        var name: String
        /// One line for people.
        var help: String
        /// What it prints for that element.
        var read: @Sendable (Item, _ element: String) -> Value
        /// What a write means; nil where it cannot be written.
        var write: Write?

        /// What a write means.
        struct Write: Sendable {
            var operation: Operation
            var isDocument = false
            var change: @Sendable (String, Item, _ element: String) throws(ProviderError) -> Item.Change?
        }

        /// A file that is only read.
        init(_ name: String, _ help: String, _ read: @escaping @Sendable (Item, String) -> Value) {
            self.name = name
            self.help = help
            self.read = read
        }

        /// The same with a write.
        func writing(
            _ operation: Operation, document: Bool = false,
            _ change: @escaping @Sendable (String, Item, String) throws(ProviderError) -> Item.Change?
        ) -> File {
            var file = self
            file.write = Write(operation: operation, isDocument: document, change: change)
            return file
        }
    }

    /// What its entries are.
    enum Shape: Sendable {
        /// Each a directory of these files.
        case directories([File])
        /// Each a directory whose files depend on the element, and can be made and removed there.
        case open(
            files: @Sendable (Item, _ element: String) -> [File],
            make: @Sendable (_ file: String) throws(ProviderError) -> File,
            remove: @Sendable (Item, _ element: String, _ file: String) throws(ProviderError) -> Item.Change)
        /// Each a file, as this describes.
        case files(File)
    }

    /// The name of the directory; empty where its entries are in the resource's own.
    var name: String
    /// One line for people.
    var help: String
    /// The operation without which there is no such directory; nil: always there.
    var requires: Operation?
    /// What its entries are.
    var shape: Shape
    /// The names of the elements, in order, as the platform has them.
    var elements: @Sendable (Item) -> [String]
    /// `mkdir`, or the creation of a file: what makes an element of that name.
    var make: (operation: Operation, change: @Sendable (String, Item) throws(ProviderError) -> Item.Change?)?
    /// What makes an element as a draft describes it; nil where none is taken.
    var makeFromDraft: (@Sendable (Specification) -> Item.Change)?
    /// `rmdir`, or `unlink` of a file: what removes an element.
    var remove: (operation: Operation, change: @Sendable (String, Item) throws(ProviderError) -> Item.Change)?

    /// The files of an element.
    func files(of item: Item, _ element: String) -> [File] {
        switch shape {
        case .directories(let files): files
        case .open(let files, _, _): files(item, element)
        case .files(let file): [file]
        }
    }

    /// An element's value, for `info`.
    func value(of item: Item, _ element: String) -> Value {
        if case .files(let file) = shape { return file.read(item, element) }
        return .map(files(of: item, element).map { .init($0.name, $0.read(item, element)) })
    }

    /// All of it, for `info`.
    func value(of item: Item) -> Value {
        .map(elements(item).map { .init($0, value(of: item, $0)) })
    }
}
