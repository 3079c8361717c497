/// An element of an XML document, as a value. Everything that was parsed is written back as it was: prefixes, comments,
/// order and space are kept, so that a change of one part loses nothing of the others.
public struct XMLElement: Sendable, Hashable, CustomStringConvertible {
    /// A name and its value, unescaped.
    public struct Attribute: Sendable, Hashable {
        /// With its prefix, as written.
        public var name: String
        /// Without quotes and escapes.
        public var value: String

        /// An attribute.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What an element holds.
    public enum Node: Sendable, Hashable {
        case element(XMLElement)
        /// Unescaped.
        case text(String)
        /// A comment or a processing instruction, with its delimiters.
        case markup(String)
    }

    /// With its prefix, as written.
    public var name: String
    /// In order.
    public var attributes: [Attribute]
    /// In order.
    public var children: [Node]

    /// An element with a text, and elements after it.
    public init(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String? = nil,
        _ children: [XMLElement] = []
    ) {
        self.name = name
        self.attributes = attributes.map { Attribute(name: $0.key, value: $0.value) }
        self.children = (text.map { [.text($0)] } ?? []) + children.map { .element($0) }
    }

    /// An element of these parts.
    public init(name: String, attributes: [Attribute], children: [Node]) {
        self.name = name
        self.attributes = attributes
        self.children = children
    }

    /// The name without its prefix.
    public var localName: String {
        guard let colon = name.firstIndex(of: ":") else { return name }
        return String(name[name.index(after: colon)...])
    }

    /// An attribute; nil removes it.
    public subscript(attribute: String) -> String? {
        get { attributes.first { $0.name == attribute }?.value }
        set {
            let index = attributes.firstIndex { $0.name == attribute }
            switch (index, newValue) {
            case (let index?, let value?): attributes[index].value = value
            case (let index?, nil): attributes.remove(at: index)
            case (nil, let value?): attributes.append(Attribute(name: attribute, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The elements directly below.
    public var elements: [XMLElement] {
        children.compactMap { child in
            if case .element(let element) = child { element } else { nil }
        }
    }

    /// Its own text, without the space around it.
    public var text: String {
        get {
            // Most have one text, or none.
            if children.count == 1, case .text(let text) = children[0] { return text.trimmingSpace }
            let parts = children.map { child in
                if case .text(let text) = child { text } else { "" }
            }
            return parts.joined().trimmingSpace
        }
        set { children = newValue.isEmpty ? [] : [.text(newValue)] }
    }

    /// The elements of a path: `devices/disk` gives every disk.
    public func all(_ path: String) -> [XMLElement] {
        var found: [XMLElement] = []
        visit(path[...]) { element in
            found.append(element)
            return true
        }
        return found
    }

    /// The first element of a path.
    public func first(_ path: String) -> XMLElement? {
        var found: XMLElement?
        visit(path[...]) { element in
            found = element
            return false
        }
        return found
    }

    /// Visits the elements of a path until told to stop; false once it was.
    @discardableResult
    private func visit(_ path: Substring, _ body: (XMLElement) -> Bool) -> Bool {
        guard let end = path.utf8.firstIndex(where: { $0 != UInt8(ascii: "/") }) else { return body(self) }
        let rest = path[end...]
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let step = rest[..<slash]
        for case .element(let element) in children where element.name == step {
            guard element.visit(rest[slash...], body) else { return false }
        }
        return true
    }

    /// The text of the first element of a path; nil where there is none or it is empty.
    public func text(_ path: String) -> String? {
        guard let text = first(path)?.text, !text.isEmpty else { return nil }
        return text
    }

    /// Adds an element at the end.
    public mutating func append(_ element: XMLElement) {
        children.append(.element(element))
    }

    /// Removes the elements directly below that match.
    public mutating func removeAll(where matches: (XMLElement) -> Bool) {
        children.removeAll { child in
            if case .element(let element) = child { matches(element) } else { false }
        }
    }

    /// Replaces the first element of that name, or appends it.
    public mutating func set(_ element: XMLElement) {
        update(where: { $0.name == element.name }) { $0 = element }
        if first(element.name) == nil { append(element) }
    }

    /// Changes the first element of that name directly below; makes an empty one where there is none.
    public mutating func update(_ name: String, _ change: (inout XMLElement) -> Void) {
        if first(name) == nil { append(XMLElement(name)) }
        update(where: { $0.name == name }, change)
    }

    /// Changes the first element directly below that matches; false where none does.
    @discardableResult
    public mutating func update(where matches: (XMLElement) -> Bool, _ change: (inout XMLElement) -> Void) -> Bool {
        for index in children.indices {
            guard case .element(var element) = children[index], matches(element) else { continue }
            change(&element)
            children[index] = .element(element)
            return true
        }
        return false
    }

    /// The document.
    public var description: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        output += "<\(name)"
        for attribute in attributes {
            output += " \(attribute.name)='\(Self.escape(attribute.value, quotes: true))'"
        }
        guard !children.isEmpty else {
            output += "/>"
            return
        }
        output += ">"
        for child in children {
            switch child {
            case .element(let element): element.write(to: &output)
            case .text(let text): output += Self.escape(text, quotes: false)
            case .markup(let markup): output += markup
            }
        }
        output += "</\(name)>"
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "'" where quotes: output += "&apos;"
            case "\"" where quotes: output += "&quot;"
            case "\n" where quotes: output += "&#10;"
            case "\t" where quotes: output += "&#9;"
            case "\r": output += "&#13;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

extension String {
    /// Without the space and line ends around it.
    var trimmingSpace: String {
        // Where visible ASCII stands at both ends, which is cheaper to tell, there is nothing to trim.
        if let first = utf8.first, let last = utf8.last, (0x21...0x7E).contains(first), (0x21...0x7E).contains(last) {
            return self
        }
        var part = self[...]
        while part.first?.isWhitespace == true { part = part.dropFirst() }
        while part.last?.isWhitespace == true { part = part.dropLast() }
        return String(part)
    }
}
