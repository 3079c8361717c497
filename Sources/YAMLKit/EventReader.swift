import CYAML

/// One event of a YAML stream, in Swift's own types.
struct Event {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias, scalar
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case nothing
    }

    var kind: Kind
    /// From 1.
    var line: Int
    /// From 1.
    var column: Int
    /// The name of an anchor or an alias.
    var anchor: String?
    var tag: String?
    var text = ""
    /// Neither quoted nor a block.
    var isPlain = false
}

/// The owner of a libyaml parser and of the bytes it reads.
struct EventReader: ~Copyable {
    /// In allocated memory, since a `yaml_parser_t` keeps pointers into itself (its string input's read handler data).
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError("no memory for a YAML parser")
        }
        bytes = .allocate(capacity: max(1, text.utf8.count))
        _ = bytes.initialize(from: text.utf8)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, text.utf8.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event; after the last, `nothing` for ever.
    mutating func next() throws(YAMLError) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw failure() }
        defer { yaml_event_delete(&raw) }
        return Self.event(raw)
    }

    private func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        if parser.pointee.error == YAML_READER_ERROR {
            return YAMLError("\(problem) at byte \(parser.pointee.problem_offset)", line: currentLine(), column: 1)
        }
        let mark = parser.pointee.problem_mark
        let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
        return YAMLError(context + problem, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    /// A reader error has an offset and no mark: the line is counted.
    private func currentLine() -> Int {
        let end = min(parser.pointee.problem_offset, bytes.count)
        return 1 + bytes[..<end].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
    }

    private static func event(_ raw: yaml_event_t) -> Event {
        var event = Event(
            kind: .nothing, line: Int(raw.start_mark.line) + 1, column: Int(raw.start_mark.column) + 1)
        switch raw.type {
        case YAML_STREAM_START_EVENT: event.kind = .streamStart
        case YAML_STREAM_END_EVENT: event.kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: event.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: event.kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: event.kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: event.kind = .mappingEnd
        case YAML_ALIAS_EVENT:
            event.kind = .alias
            event.anchor = text(raw.data.alias.anchor)
        case YAML_SEQUENCE_START_EVENT:
            event.kind = .sequenceStart
            event.anchor = text(raw.data.sequence_start.anchor)
            event.tag = text(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            event.kind = .mappingStart
            event.anchor = text(raw.data.mapping_start.anchor)
            event.tag = text(raw.data.mapping_start.tag)
        case YAML_SCALAR_EVENT: fill(&event, from: raw.data.scalar)
        default: break
        }
        return event
    }

    private static func fill(
        _ event: inout Event, from scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar
    ) {
        event.kind = .scalar
        event.anchor = text(scalar.anchor)
        event.tag = text(scalar.tag)
        event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        event.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
