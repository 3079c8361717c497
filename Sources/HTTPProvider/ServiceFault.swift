public import HTTPKit
public import ProviderAPI

/// What a platform said of a request that it did not carry out.
public struct ServiceFault: Sendable, Hashable {
    /// The platform's own code (`InvalidInstanceID.NotFound`), or a word for it.
    public var code: String
    /// The platform's own words.
    public var message: String
    /// What the platform calls the request; nil where only a header says it.
    public var requestID: String?
    /// What it means; nil where the status alone tells.
    public var meaning: ProviderError.Code?
    /// Whether the platform asks to slow down: the request was not carried out and may be repeated.
    public var isThrottling: Bool

    /// A fault.
    public init(
        code: String, message: String, requestID: String? = nil, meaning: ProviderError.Code? = nil,
        isThrottling: Bool = false
    ) {
        self.code = code
        self.message = message
        self.requestID = requestID
        self.meaning = meaning
        self.isThrottling = isThrottling
    }
}

/// Reads the error bodies of a platform.
public protocol FaultInterpreter: Sendable {
    /// What an answer that is no success says; nil where its body says nothing.
    func fault(in response: HTTPResponse) -> ServiceFault?
}

/// For platforms whose error bodies are words, if anything.
public struct PlainFaults: FaultInterpreter {
    /// An interpreter.
    public init() {}

    /// The first line of a plain text.
    public func fault(in response: HTTPResponse) -> ServiceFault? {
        guard response.headers["Content-Type"]?.hasPrefix("text/plain") == true,
            let line = response.text.split(whereSeparator: \.isNewline).first
        else { return nil }
        return ServiceFault(code: "\(response.status)", message: String(line.prefix(300)))
    }
}
