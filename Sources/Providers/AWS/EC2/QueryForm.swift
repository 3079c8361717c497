/// The parameters of a call of the query protocol (EC2, STS), in order: lists are numbered from 1, members of a
/// structure follow after a dot.
struct QueryForm: Sendable, Hashable {
    private(set) var fields: [Field] = []
    private var filters = 0
    private var tagSpecifications = 0

    /// One parameter.
    struct Field: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// Sets a parameter; nil leaves it out.
    mutating func set(_ name: String, _ value: String?) {
        if let value { fields.append(Field(name: name, value: value)) }
    }

    mutating func set(_ name: String, _ value: Int?) {
        set(name, value.map(String.init))
    }

    mutating func set(_ name: String, _ value: Bool?) {
        set(name, value.map { $0 ? "true" : "false" })
    }

    /// A list of plain values: `NAME.1`, `NAME.2`, ...
    mutating func list(_ name: String, _ values: [String]) {
        for (index, value) in values.enumerated() { set("\(name).\(index + 1)", value) }
    }

    /// A list of structures: the body is given `NAME.1.`, `NAME.2.`, ...
    mutating func list<Element>(
        _ name: String, of elements: [Element], _ body: (inout QueryForm, _ prefix: String, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() { body(&self, "\(name).\(index + 1).", element) }
    }

    /// A condition of a Describe call: one of the values must match.
    mutating func filter(_ name: String, _ values: [String]) {
        filters += 1
        set("Filter.\(filters).Name", name)
        list("Filter.\(filters).Value", values)
    }

    /// The tags of a resource that the call makes.
    mutating func tag(_ resource: String, _ tags: [String: String]) {
        guard !tags.isEmpty else { return }
        tagSpecifications += 1
        let prefix = "TagSpecification.\(tagSpecifications)"
        set("\(prefix).ResourceType", resource)
        self.tags("\(prefix).Tag", tags)
    }

    /// Tags as a list of pairs, in order of their keys.
    mutating func tags(_ name: String, _ tags: [String: String]) {
        list(name, of: tags.sorted { $0.key < $1.key }) { form, prefix, tag in
            form.set(prefix + "Key", tag.key)
            form.set(prefix + "Value", tag.value)
        }
    }

    /// The body of a POST of the form `application/x-www-form-urlencoded`.
    func body(action: String, version: String) -> String {
        ([Field(name: "Action", value: action), Field(name: "Version", value: version)] + fields)
            .map { Self.escape($0.name) + "=" + Self.escape($0.value) }.joined(separator: "&")
    }

    /// All but RFC 3986's unreserved characters as `%XX`, and a space as `+`: AWS's own libraries write forms so.
    static func escape(_ text: String) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                output.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x20: output += "+"
            default:
                output += byte < 0x10 ? "%0" : "%"
                output += String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }
}
