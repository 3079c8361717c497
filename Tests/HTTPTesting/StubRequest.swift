/// A request as a stub server received it.
public struct StubRequest: Sendable, Hashable {
    /// `GET`, ...
    public let method: String
    /// As it came, still encoded, without the query.
    public let path: String
    /// As it came, still encoded; empty where there was none.
    public let query: String
    /// In order, as they came.
    public let headers: [Header]
    /// Without its chunks.
    public var body: [UInt8]

    /// One header.
    public struct Header: Sendable, Hashable {
        /// As it came.
        public let name: String
        /// Without the space around it.
        public let value: String
    }

    /// The first header of a name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as UTF-8.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// A request's first lines, without the empty one that ends them.
    init?(head: String) {
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)[...]
        guard let words = lines.popFirst()?.split(separator: " "), words.count == 3 else { return nil }
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        method = String(words[0])
        path = String(target[0])
        query = target.count > 1 ? String(target[1]) : ""
        headers = lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return Header(name: String(line[..<colon]), value: String(value))
        }
        body = []
    }
}

/// What a stub server answers.
public enum StubReply: Sendable {
    /// A whole answer.
    case answer(Int, [String: String] = [:], [UInt8] = [])
    /// Announces the whole body and sends half of it, then closes.
    case half(Int = 200, [String: String] = [:], [UInt8])
    /// Sends the body in chunks, each after the server was told to go on (``StubServer/release()``).
    case held(Int = 200, [String: String] = [:], [[UInt8]])
    /// Sends the body in chunks, each after a pause.
    case drip(Int = 200, [String: String] = [:], [[UInt8]], milliseconds: Int)
    /// Sends bytes as they are, whatever they are, and closes.
    case raw([UInt8])
    /// Resets the connection.
    case reset
    /// Closes it without a word.
    case close
    /// Says nothing until the client gives up.
    case hang

    /// An answer with a text.
    public static func text(_ status: Int = 200, _ text: String, _ headers: [String: String] = [:]) -> StubReply {
        .answer(status, headers, Array(text.utf8))
    }

    /// An answer in JSON.
    public static func json(_ status: Int = 200, _ text: String, _ headers: [String: String] = [:]) -> StubReply {
        .text(status, text, headers.merging(["Content-Type": "application/json"]) { own, _ in own })
    }

    /// An answer in XML.
    public static func xml(_ status: Int = 200, _ text: String, _ headers: [String: String] = [:]) -> StubReply {
        .text(status, text, headers.merging(["Content-Type": "application/xml"]) { own, _ in own })
    }
}
