import CExpat

extension XMLElement {
    /// Reads a document. What stands before and after its element is passed over; a document type is refused, so that
    /// no entity can grow or reach out of it.
    ///
    /// - Throws: ``XMLError``, with the line and column.
    public init(parsing document: String) throws(XMLError) {
        self = try XMLReader().element(of: Array(document.utf8))
    }

    /// Reads a document as it came, in UTF-8 or as its declaration says (UTF-16, ISO 8859-1, US-ASCII).
    ///
    /// - Throws: ``XMLError``, with the line and column.
    public init(parsing document: [UInt8]) throws(XMLError) {
        self = try XMLReader().element(of: document)
    }
}

/// The owner of an expat parser, for one document. Names keep their prefixes.
private struct XMLReader: ~Copyable {
    private let parser: XML_Parser

    init() throws(XMLError) {
        guard let parser = XML_ParserCreate(nil) else { throw XMLError(description: "no memory for an XML parser") }
        self.parser = parser
    }

    deinit { XML_ParserFree(parser) }

    consuming func element(of document: [UInt8]) throws(XMLError) -> XMLElement {
        let builder = XMLBuilder(parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(builder).toOpaque())
        Self.setHandlers(of: parser)
        // XML_Parse takes an int: a larger document goes in pieces.
        let status = withExtendedLifetime(builder) {
            document.withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { Self.feed($0, to: parser) }
            }
        }
        if let refusal = builder.refusal { throw failure(refusal) }
        guard status == XML_STATUS_OK else {
            throw failure(XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "not XML")
        }
        guard let element = builder.document else { throw failure("no element") }
        return element
    }

    private static func feed(_ bytes: UnsafeBufferPointer<CChar>, to parser: XML_Parser) -> XML_Status {
        var rest = bytes[...]
        repeat {
            let piece = UnsafeBufferPointer(rebasing: rest.prefix(1 << 24))
            rest = rest.dropFirst(piece.count)
            let status = XML_Parse(parser, piece.baseAddress, Int32(piece.count), rest.isEmpty ? 1 : 0)
            guard status == XML_STATUS_OK else { return status }
        } while !rest.isEmpty
        return XML_STATUS_OK
    }

    private func failure(_ reason: String) -> XMLError {
        let (line, column) = (XML_GetCurrentLineNumber(parser), XML_GetCurrentColumnNumber(parser) + 1)
        return XMLError(description: "malformed XML at line \(line), column \(column): \(reason)")
    }

    private static func setHandlers(of parser: XML_Parser) {
        XML_SetElementHandler(
            parser,
            { data, name, attributes in XMLBuilder.of(data)?.begin(name, attributes) },
            { data, _ in XMLBuilder.of(data)?.end() })
        XML_SetCharacterDataHandler(parser) { data, text, count in
            XMLBuilder.of(data)?.append(text: text, Int(count))
        }
        XML_SetCommentHandler(parser) { data, text in
            guard let text else { return }
            XMLBuilder.of(data)?.append(markup: "<!--\(String(cString: text))-->")
        }
        XML_SetProcessingInstructionHandler(parser) { data, target, text in
            guard let target, let text else { return }
            let body = String(cString: text)
            let space = body.isEmpty ? "" : " "
            XMLBuilder.of(data)?.append(markup: "<?\(String(cString: target))\(space)\(body)?>")
        }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            XMLBuilder.of(data)?.refuse("a document type, which is not accepted")
        }
    }
}

/// The elements that are open while a document is read, and the whole one at its end.
private final class XMLBuilder {
    /// The finished document.
    private(set) var document: XMLElement?
    /// Why the reading was stopped.
    private(set) var refusal: String?
    private let parser: XML_Parser
    private var open: [XMLElement] = []
    private var text: [UInt8] = []
    /// Deeper than any document of a platform's, and shallow enough for the stack of those who walk it.
    private static let deepest = 256

    init(_ parser: XML_Parser) {
        self.parser = parser
    }

    static func of(_ data: UnsafeMutableRawPointer?) -> XMLBuilder? {
        data.map { Unmanaged<XMLBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    func begin(_ name: UnsafePointer<XML_Char>?, _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
        guard let name else { return }
        guard open.count < Self.deepest else { return refuse("too deep") }
        closeText()
        var element = XMLElement(name: String(cString: name), attributes: [], children: [])
        // Names and values in turn, ended by a null pointer.
        var next = attributes
        while let pair = next, let key = pair[0], let value = pair[1] {
            element.attributes.append(.init(name: String(cString: key), value: String(cString: value)))
            next = pair + 2
        }
        open.append(element)
    }

    func end() {
        closeText()
        guard let element = open.popLast() else { return }
        if open.isEmpty {
            document = element
        } else {
            open[open.count - 1].children.append(.element(element))
        }
    }

    /// Expat gives one run of text in several pieces.
    func append(text piece: UnsafePointer<XML_Char>?, _ count: Int) {
        guard let piece, !open.isEmpty else { return }
        piece.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        }
    }

    func append(markup: String) {
        guard !open.isEmpty else { return }
        closeText()
        open[open.count - 1].children.append(.markup(markup))
    }

    func refuse(_ reason: String) {
        guard refusal == nil else { return }
        refusal = reason
        XML_StopParser(parser, 0)
    }

    private func closeText() {
        guard !text.isEmpty, !open.isEmpty else { return }
        open[open.count - 1].children.append(.text(String(decoding: text, as: UTF8.self)))
        text.removeAll(keepingCapacity: true)
    }
}
