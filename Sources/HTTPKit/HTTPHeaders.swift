/// The headers of a request or an answer, in order. Names compare without case; what is secret is never printed.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence, CustomStringConvertible,
    CustomReflectable
{
    /// One header.
    public struct Field: Sendable, Hashable {
        /// As written.
        public let name: String
        /// Without the space around it.
        public let value: String
    }

    private var fields: [Field] = []

    /// None.
    public init() {}

    /// These, in order.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first of that name; setting it replaces all of that name, nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.same($0.name, name) }?.value }
        set {
            fields.removeAll { Self.same($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Adds one beside those of the same name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Removes those whose name fulfils a condition.
    public mutating func removeAll(where matches: (String) -> Bool) {
        fields.removeAll { matches($0.name) }
    }

    /// The values of all of that name.
    public func all(_ name: String) -> [String] {
        fields.filter { Self.same($0.name, name) }.map(\.value)
    }

    /// One after the other.
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    /// How many there are.
    public var count: Int { fields.count }

    /// One a line; a secret prints as `<secret>`.
    public var description: String {
        fields.map { "\($0.name): \(Self.isSecret($0.name) ? "<secret>" : $0.value)" }.joined(separator: "\n")
    }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(reflecting: description) }

    /// When to come back, from `Retry-After`: seconds, or a date (which needs the time now, in seconds since 1970).
    public func retryAfter(now: Int) -> Duration? {
        guard let text = self["Retry-After"] else { return nil }
        if let seconds = Int(text) { return .seconds(Swift.max(0, seconds)) }
        return HTTPDate.seconds(text).map { .seconds(Swift.max(0, $0 - now)) }
    }

    /// What the platform calls the request, for its support; nil where it does not say.
    public var requestID: String? {
        Self.requestIDs.lazy.compactMap { self[$0] }.first { !$0.isEmpty }
    }

    private static let requestIDs = [
        "x-amz-request-id", "x-amzn-requestid", "x-openstack-request-id", "x-compute-request-id", "x-ms-request-id",
        "x-goog-request-id", "x-request-id", "x-correlation-id", "x-trans-id",
    ]

    /// Whether a header of that name lets somebody in who reads it.
    static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return secretWords.contains { name.contains($0) }
    }

    private static let secretWords = [
        "authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "signature", "session-id",
        "customer-key", "auth-key", "set-ticket",
    ]

    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }
}
