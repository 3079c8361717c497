import Glibc
import ProviderAPI

/// Which of libvirt's drivers a URI leads to: what decides what can be done there before anybody connects.
enum Driver: Sendable, Hashable {
    /// Real machines.
    case qemu
    /// libvirt's built-in simulation, `test:///default`.
    case test

    init(uri: String) {
        self = uri.hasPrefix("test:") || uri.hasPrefix("test+") ? .test : .qemu
    }
}

/// The libvirt URI that a configuration means.
struct ConnectionURI {
    static let protocols = ["ssh", "tcp", "tls"]
    static let localHosts = ["127.0.0.1", "localhost", "::1"]

    let text: String

    init(_ settings: ProviderSettings, home: String? = getenv("HOME").map { String(cString: $0) })
        throws(ProviderError)
    {
        if let url = settings.text("url") {
            guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix(":///") || url.contains("://") else {
                throw ProviderError(
                    .invalidValue, "\(settings.name): url \(url) is no libvirt URI: qemu:///system is one")
            }
            // libvirt takes no password from a URI, and this text is shown wherever the connection is spoken of.
            guard !Self.holdsPassword(url) else {
                throw ProviderError(
                    .invalidValue,
                    "\(settings.name): url holds a password, which libvirt does not read from there: remove it")
            }
            text = url
            return
        }
        let host = settings.text("host") ?? "127.0.0.1"
        guard !host.contains("/"), !host.isEmpty else {
            throw ProviderError(.invalidValue, "\(settings.name): host \(host) is no host name: give a URI as url")
        }
        let path = settings.flag("session") == true ? "session" : "system"
        if Self.localHosts.contains(host) {
            text = settings.text("socket").map { "qemu+unix:///\(path)?socket=\($0)" } ?? "qemu:///\(path)"
        } else {
            text = try Self.remote(host, path, settings, home: home)
        }
    }

    /// The host that a URI leads to, an IPv6 address in brackets; nil for this one.
    static func remoteHost(of uri: String) -> String? {
        guard let start = uri.firstRange(of: "://")?.upperBound else { return nil }
        let authority = uri[start...].prefix { $0 != "/" && $0 != "?" }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") { return String(place[...end]) }
        let host = place.prefix { $0 != ":" }
        return host.isEmpty || localHosts.contains(String(host)) ? nil : String(host)
    }

    private static func holdsPassword(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
        return authority.lastIndex(of: "@").map { authority[..<$0].contains(":") } ?? false
    }

    private static func remote(_ host: String, _ path: String, _ settings: ProviderSettings, home: String?)
        throws(ProviderError) -> String
    {
        let transport = settings.text("protocol") ?? "ssh"
        guard protocols.contains(transport) else {
            throw ProviderError(.invalidValue, "\(settings.name): protocol \(transport) is not one of ssh, tcp, tls")
        }
        var port = settings.number("port")
        if let number = port, !(1...65535).contains(number) {
            throw ProviderError(.invalidValue, "\(settings.name): port \(number) is out of range")
        }
        // kcli's default, 22, is ssh's own; for the others it would be wrong.
        if transport != "ssh", port == 22 { port = nil }
        let address = host.contains(":") ? "[\(host)]" : host
        var uri = "qemu+\(transport)://"
        if transport == "ssh" { uri += "\(settings.text("user") ?? "root")@" }
        uri += address + (port.map { ":\($0)" } ?? "") + "/\(path)"
        // no_tty: a question for a password would wait for an answer that nobody can give.
        var query = transport == "ssh" ? ["no_tty=1"] : []
        if transport == "ssh", let key = settings.text("keyfile") ?? kcliKey(home: home) {
            query.append("keyfile=\(key)")
        }
        if let socket = settings.text("socket") { query.append("socket=\(socket)") }
        return query.isEmpty ? uri : uri + "?" + query.joined(separator: "&")
    }

    /// The key that kcli made for itself, which it prefers to ssh's own.
    private static func kcliKey(home: String?) -> String? {
        guard let home else { return nil }
        let names = ["id_ed25519", "id_ecdsa", "id_dsa", "id_rsa"]
        return names.map { "\(home)/.kcli/\($0)" }.first { access($0, R_OK) == 0 }
    }
}
