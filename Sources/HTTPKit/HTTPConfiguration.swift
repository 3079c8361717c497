/// How a client reaches its servers. Certificates are always verified.
public struct HTTPConfiguration: Sendable {
    /// Through whom requests go.
    public enum Proxy: Sendable, Hashable {
        /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
        case environment
        case none
        /// `http://`, `https://` or `socks5h://` with a host and a port.
        case url(String)
    }

    /// Whose certificates count.
    public enum Trust: Sendable, Hashable {
        /// The machine's.
        case system
        /// Those of a PEM file, and no others.
        case file(String)
        /// Those of a PEM text, and no others.
        case pem([UInt8])
    }

    /// The client's own certificate and its key, in PEM.
    public enum Identity: Sendable {
        case files(certificate: String, key: String)
        case pem(certificate: [UInt8], key: [UInt8])
    }

    /// What the client calls itself.
    public var userAgent: String
    /// Through whom requests go.
    public var proxy = Proxy.environment
    /// Whose certificates count.
    public var trust = Trust.system
    /// The client's own certificate.
    public var identity: Identity?
    /// For the name, the connection and its encryption.
    public var connectTimeout = Duration.seconds(10)
    /// How long nothing may move either way while the network, not the caller, is waited for.
    public var idleTimeout = Duration.seconds(60)
    /// Exchanges at once; more wait for their turn.
    public var concurrency = 64
    /// Whether HTTP/2 is used over TLS where the server offers it.
    public var usesHTTP2 = true

    /// One with these standards.
    public init(userAgent: String) {
        self.userAgent = userAgent
    }
}
