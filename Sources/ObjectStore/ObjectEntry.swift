public import ProviderAPI

/// What is at a path of a bucket.
public enum ObjectEntry: Sendable, Hashable {
    /// An object; while it is open for writing, with the size it has so far.
    case file(ObjectInfo)
    /// A prefix that has keys below it, or an empty `NAME/` object; its time (seconds since 1970) where the store told.
    case directory(modificationTime: Int?)
}

/// One entry of a directory.
public struct ObjectChild: Sendable, Hashable {
    /// The name in the directory, as ``ObjectTree`` writes the last component of the key.
    public let name: String
    /// What it is.
    public let entry: ObjectEntry

    /// An entry of that name.
    public init(name: String, entry: ObjectEntry) {
        self.name = name
        self.entry = entry
    }
}
