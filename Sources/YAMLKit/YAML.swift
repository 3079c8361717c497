/// YAML documents, read and written by libyaml.
public enum YAML {
    /// What a document may not exceed, so that a small file cannot take all memory.
    public struct Limits: Sendable, Hashable {
        /// Bytes of the text.
        public var bytes: Int
        /// Collections inside one another, through aliases too.
        public var depth: Int
        /// Nodes, each alias counted as all that it stands for.
        public var nodes: Int

        /// 1 MiB, 64 levels, 100,000 nodes, unless told otherwise.
        public init(bytes: Int = 1 << 20, depth: Int = 64, nodes: Int = 100_000) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
        }
    }

    /// Reads one document; nil where the text holds none (empty, or only comments).
    ///
    /// Scalars are typed by the core schema of YAML 1.2, and `yes` and `no` are booleans too; quoted ones are always
    /// strings. Aliases are resolved. Throws where the text is not YAML, holds a second document, a duplicate key, a
    /// key that is no scalar, a tag outside the core schema, or exceeds the limits.
    public static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> YAMLNode? {
        guard text.utf8.count <= limits.bytes else {
            throw YAMLError("the document is larger than \(limits.bytes) bytes")
        }
        var composer = Composer(reader: try EventReader(text), limits: limits)
        return try composer.document()
    }

    /// Writes a document in block style, with a newline at its end.
    ///
    /// Texts of several lines become literal blocks; texts that a reader, of YAML 1.1 too, would take for another type
    /// are quoted. What ``parse(_:limits:)`` reads of it equals the node, positions aside.
    public static func emit(_ node: YAMLNode) -> String {
        let emitter = Emitter()
        return emitter.document(node)
    }
}
