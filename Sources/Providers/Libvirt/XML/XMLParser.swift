/// Why a document cannot be read.
struct XMLError: Error, Hashable, CustomStringConvertible {
    let description: String
}

extension XMLElement {
    /// Reads a document: what libvirt writes, and what it keeps of what others wrote.
    init(parsing document: String) throws(XMLError) {
        var parser = XMLParser(document)
        self = try parser.document()
    }
}

/// A reader of XML without document types: names, attributes, text, CDATA, comments, instructions, character references.
private struct XMLParser {
    private let bytes: [UInt8]
    private var position = 0
    /// Deeper than any document of libvirt's, and shallow enough for the stack.
    private static let deepest = 256

    init(_ document: String) {
        bytes = Array(document.utf8)
    }

    mutating func document() throws(XMLError) -> XMLElement {
        while true {
            skipSpace()
            if starts(with: "<?") {
                _ = try take(through: "?>")
            } else if starts(with: "<!--") {
                _ = try take(through: "-->")
            } else {
                break
            }
        }
        guard starts(with: "<"), !starts(with: "<!") else { throw error("no element") }
        return try element(depth: 0)
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth < Self.deepest else { throw error("too deep") }
        position += 1
        var element = XMLElement(name: try name(), attributes: [], children: [])
        while true {
            skipSpace()
            if starts(with: "/>") {
                position += 2
                return element
            }
            if starts(with: ">") {
                position += 1
                break
            }
            element.attributes.append(try attribute())
        }
        try content(of: &element, depth: depth)
        return element
    }

    private mutating func content(of element: inout XMLElement, depth: Int) throws(XMLError) {
        while true {
            if starts(with: "</") {
                position += 2
                let closing = try name()
                guard closing == element.name else { throw error("</\(closing)> closes <\(element.name)>") }
                skipSpace()
                try expect(">")
                return
            }
            element.children.append(try node(depth: depth))
        }
    }

    private mutating func node(depth: Int) throws(XMLError) -> XMLElement.Node {
        if starts(with: "<!--") { return .markup(try take(through: "-->")) }
        if starts(with: "<?") { return .markup(try take(through: "?>")) }
        if starts(with: "<![CDATA[") {
            return .text(String(try take(through: "]]>").dropFirst(9).dropLast(3)))
        }
        if starts(with: "<") { return .element(try self.element(depth: depth + 1)) }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        guard position < bytes.count else { throw error("it ends inside an element") }
        return .text(try unescape(bytes[start..<position]))
    }

    private mutating func attribute() throws(XMLError) -> XMLElement.Attribute {
        let name = try name()
        skipSpace()
        try expect("=")
        skipSpace()
        guard position < bytes.count else { throw error("it ends inside an element") }
        let quote = bytes[position]
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw error("a value without quotes") }
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != quote { position += 1 }
        guard position < bytes.count else { throw error("it ends inside a value") }
        defer { position += 1 }
        return XMLElement.Attribute(name: name, value: try unescape(bytes[start..<position]))
    }

    private mutating func name() throws(XMLError) -> String {
        let start = position
        while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
        guard position > start else { throw error("a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }

    private func unescape(_ part: ArraySlice<UInt8>) throws(XMLError) -> String {
        guard part.contains(UInt8(ascii: "&")) else { return String(decoding: part, as: UTF8.self) }
        var output = ""
        var rest = part
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            output += String(decoding: rest[..<ampersand], as: UTF8.self)
            guard let end = rest[ampersand...].firstIndex(of: UInt8(ascii: ";")) else { throw error("a lone &") }
            let reference = String(decoding: rest[(ampersand + 1)..<end], as: UTF8.self)
            guard let scalar = Self.scalar(of: reference) else { throw error("&\(reference); is not known") }
            output.unicodeScalars.append(scalar)
            rest = rest[(end + 1)...]
        }
        return output + String(decoding: rest, as: UTF8.self)
    }

    private static func scalar(of reference: String) -> Unicode.Scalar? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let number: UInt32? =
            if reference.hasPrefix("#x") {
                UInt32(reference.dropFirst(2), radix: 16)
            } else if reference.hasPrefix("#") {
                UInt32(reference.dropFirst())
            } else {
                nil
            }
        return number.flatMap(Unicode.Scalar.init)
    }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || (0x09...0x0d).contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func expect(_ text: StaticString) throws(XMLError) {
        guard starts(with: text) else { throw error("\(text) is missing") }
        position += text.utf8CodeUnitCount
    }

    /// Everything up to and with a delimiter.
    private mutating func take(through delimiter: StaticString) throws(XMLError) -> String {
        let start = position
        while position < bytes.count {
            if starts(with: delimiter) {
                position += delimiter.utf8CodeUnitCount
                return String(decoding: bytes[start..<position], as: UTF8.self)
            }
            position += 1
        }
        throw error("\(delimiter) is missing")
    }

    private func error(_ reason: String) -> XMLError {
        XMLError(description: "malformed XML at byte \(position): \(reason)")
    }
}
