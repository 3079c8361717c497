import CYAML

/// The owner of a libyaml emitter and of what it has written.
struct Emitter: ~Copyable {
    /// In allocated memory, since libyaml keeps the address of its write handler's data.
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private let output: UnsafeMutablePointer<[UInt8]>

    init() {
        emitter = .allocate(capacity: 1)
        output = .allocate(capacity: 1)
        output.initialize(to: [])
        // libyaml fails only where malloc does.
        precondition(yaml_emitter_initialize(emitter) == 1, "no memory for a YAML emitter")
        yaml_emitter_set_output(
            emitter,
            { context, bytes, count in
                guard let output = context?.assumingMemoryBound(to: [UInt8].self) else { return 0 }
                output.pointee.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
                return 1
            }, output)
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_width(emitter, -1)
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
        output.deinitialize(count: 1)
        output.deallocate()
    }

    /// The text of one document.
    consuming func document(_ node: YAMLNode) -> String {
        var event = yaml_event_t()
        yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)
        send(&event)
        yaml_document_start_event_initialize(&event, nil, nil, nil, 1)
        send(&event)
        // Nothing at all would be no document.
        write(node.isNull ? YAMLNode(.scalar("null", isString: false)) : node)
        yaml_document_end_event_initialize(&event, 1)
        send(&event)
        yaml_stream_end_event_initialize(&event)
        send(&event)
        yaml_emitter_flush(emitter)
        return String(decoding: output.pointee, as: UTF8.self)
    }

    private func write(_ node: YAMLNode) {
        switch node.value {
        case .scalar(let text, let isString): write(text, isString: isString)
        case .sequence(let nodes): write(nodes)
        case .mapping(let entries): write(entries)
        }
    }

    /// An empty collection has no block form.
    private func write(_ nodes: [YAMLNode]) {
        var event = yaml_event_t()
        let style = nodes.isEmpty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
        yaml_sequence_start_event_initialize(&event, nil, nil, 1, style)
        send(&event)
        for node in nodes { write(node) }
        yaml_sequence_end_event_initialize(&event)
        send(&event)
    }

    private func write(_ entries: [YAMLNode.Entry]) {
        var event = yaml_event_t()
        let style = entries.isEmpty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE
        yaml_mapping_start_event_initialize(&event, nil, nil, 1, style)
        send(&event)
        for entry in entries {
            write(entry.key, isString: true, isKey: true)
            write(entry.value)
        }
        yaml_mapping_end_event_initialize(&event)
        send(&event)
    }

    private func write(_ text: String, isString: Bool, isKey: Bool = false) {
        var text = text
        var event = yaml_event_t()
        let style = style(of: text, isString: isString, isKey: isKey)
        text.withUTF8 { bytes in
            // An empty string may have no address; libyaml wants one.
            withUnsafePointer(to: 0 as UInt8) { nothing in
                _ = yaml_scalar_event_initialize(
                    &event, nil, nil, bytes.baseAddress ?? nothing, Int32(bytes.count), 1, 1, style)
            }
        }
        send(&event)
    }

    private func style(of text: String, isString: Bool, isKey: Bool) -> yaml_scalar_style_t {
        guard isString else { return YAML_PLAIN_SCALAR_STYLE }
        if !isKey, Self.suitsBlock(text) { return YAML_LITERAL_SCALAR_STYLE }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return YAML_DOUBLE_QUOTED_SCALAR_STYLE }
        return YAMLNode.Scalar.isPlainString(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE
    }

    /// Several lines of printable text that does not begin with white space: libyaml's indentation hints are not read
    /// back the same by every reader.
    private static func suitsBlock(_ text: String) -> Bool {
        guard let first = text.utf8.first, first > 0x20, text.utf8.contains(0x0A) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0A, 0x09, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF:
                scalar.value != 0x2028 && scalar.value != 0x2029 && scalar.value != 0xFEFF
            default: false
            }
        }
    }

    /// The emitter takes the event over, also where it fails: the order of events is ours and the memory is malloc's.
    private func send(_ event: inout yaml_event_t) {
        precondition(yaml_emitter_emit(emitter, &event) == 1, "YAML events out of order, or no memory")
    }
}
