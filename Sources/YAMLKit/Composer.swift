/// Builds the nodes of one document from events, within limits.
struct Composer: ~Copyable {
    /// A node and what it counts for wherever an alias repeats it.
    private struct Sized {
        var node: YAMLNode
        var nodes: Int
        var depth: Int
    }

    private static let core = "tag:yaml.org,2002:"

    private var reader: EventReader
    private let limits: YAML.Limits
    private var anchors: [String: Sized] = [:]
    private var nodes = 0

    init(reader: consuming EventReader, limits: YAML.Limits) {
        self.reader = reader
        self.limits = limits
    }

    /// The only document of the stream; nil where there is none.
    mutating func document() throws(YAMLError) -> YAMLNode? {
        _ = try reader.next()
        guard try reader.next().kind == .documentStart else { return nil }
        let root = try node(from: try reader.next(), depth: 0)
        _ = try reader.next()
        let after = try reader.next()
        guard after.kind == .streamEnd else {
            throw YAMLError("a second document begins: keep one in the file", line: after.line, column: after.column)
        }
        return root.node
    }

    private mutating func node(from event: Event, depth: Int) throws(YAMLError) -> Sized {
        if event.kind == .alias { return try resolve(event, depth: depth) }
        try count(1, at: event)
        let sized: Sized
        switch event.kind {
        case .sequenceStart: sized = try sequence(event, depth: depth + 1)
        case .mappingStart: sized = try mapping(event, depth: depth + 1)
        default: sized = Sized(node: try scalar(event), nodes: 1, depth: 0)
        }
        if let anchor = event.anchor { anchors[anchor] = sized }
        return sized
    }

    /// An anchor is known once its node is whole, so that an alias inside its own node is an error and no loop.
    private mutating func resolve(_ event: Event, depth: Int) throws(YAMLError) -> Sized {
        let name = event.anchor ?? ""
        guard var sized = anchors[name] else {
            throw YAMLError(
                "an alias has no anchor before it: a text that begins with * needs quotes", line: event.line,
                column: event.column)
        }
        try count(sized.nodes, at: event)
        try check(depth: depth + sized.depth, at: event)
        sized.node.line = event.line
        sized.node.column = event.column
        return sized
    }

    private mutating func sequence(_ start: Event, depth: Int) throws(YAMLError) -> Sized {
        try check(tag: start, allowed: "seq")
        try check(depth: depth, at: start)
        var elements: [YAMLNode] = []
        var (total, deepest) = (1, 0)
        while true {
            let event = try reader.next()
            if event.kind == .sequenceEnd { break }
            let sized = try node(from: event, depth: depth)
            elements.append(sized.node)
            total += sized.nodes
            deepest = max(deepest, sized.depth)
        }
        let node = YAMLNode(.sequence(elements), line: start.line, column: start.column)
        return Sized(node: node, nodes: total, depth: deepest + 1)
    }

    private mutating func mapping(_ start: Event, depth: Int) throws(YAMLError) -> Sized {
        try check(tag: start, allowed: "map")
        try check(depth: depth, at: start)
        var entries: [YAMLNode.Entry] = []
        var lines: [String: Int] = [:]
        var (total, deepest) = (1, 0)
        while true {
            let event = try reader.next()
            if event.kind == .mappingEnd { break }
            let key = try key(from: event, depth: depth, seen: lines)
            lines[key] = event.line
            let sized = try node(from: try reader.next(), depth: depth)
            entries.append(YAMLNode.Entry(key, sized.node, line: event.line, column: event.column))
            total += sized.nodes + 1
            deepest = max(deepest, sized.depth)
        }
        let node = YAMLNode(.mapping(entries), line: start.line, column: start.column)
        return Sized(node: node, nodes: total, depth: deepest + 1)
    }

    private mutating func key(from event: Event, depth: Int, seen: [String: Int]) throws(YAMLError) -> String {
        guard case .scalar(let key, _) = try node(from: event, depth: depth).node.value else {
            throw YAMLError("a key must be text, not a collection", line: event.line, column: event.column)
        }
        if let line = seen[key] {
            throw YAMLError(
                "duplicate key '\(key)': it is already on line \(line)", line: event.line, column: event.column)
        }
        return key
    }

    private func scalar(_ event: Event) throws(YAMLError) -> YAMLNode {
        let isString: Bool
        if let tag = event.tag, tag != "!" {
            isString = try isStringTag(tag, event)
        } else {
            isString = !event.isPlain || event.tag == "!"
        }
        return YAMLNode(.scalar(event.text, isString: isString), line: event.line, column: event.column)
    }

    private func isStringTag(_ tag: String, _ event: Event) throws(YAMLError) -> Bool {
        let plain = YAMLNode(.scalar(event.text, isString: false))
        let fits =
            switch tag {
            case Self.core + "str": true
            case Self.core + "null": plain.isNull
            case Self.core + "bool": plain.bool != nil
            case Self.core + "int": plain.int != nil
            case Self.core + "float": plain.float != nil
            default: throw unknown(event)
            }
        guard fits else {
            throw YAMLError("the value does not fit its tag", line: event.line, column: event.column)
        }
        return tag == Self.core + "str"
    }

    private func check(tag event: Event, allowed: String) throws(YAMLError) {
        if let tag = event.tag, tag != "!", tag != Self.core + allowed { throw unknown(event) }
    }

    /// Errors never quote values, aliases and tags: an unquoted password may look like either.
    private func unknown(_ event: Event) -> YAMLError {
        YAMLError(
            "unknown tag: remove it; a text that begins with ! needs quotes", line: event.line, column: event.column)
    }

    private mutating func count(_ more: Int, at event: Event) throws(YAMLError) {
        nodes += more
        guard nodes <= limits.nodes else {
            throw YAMLError(
                "the document has more than \(limits.nodes) nodes, aliases expanded", line: event.line,
                column: event.column)
        }
    }

    private func check(depth: Int, at event: Event) throws(YAMLError) {
        guard depth <= limits.depth else {
            throw YAMLError(
                "the document nests deeper than \(limits.depth) levels", line: event.line, column: event.column)
        }
    }
}
