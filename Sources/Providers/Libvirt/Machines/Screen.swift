import Glibc
import XMLKit

/// Where the screen of a running machine is, as its XML tells (formatdomain: Graphical framebuffers).
struct Screen: Sendable, Hashable {
    let type: String
    let listen: String
    let port: Int?
    let tlsPort: Int?
    let socket: String?

    /// Nil while no port is given out, and for screens that no viewer connects to.
    init?(_ graphics: XMLElement) {
        guard let type = graphics["type"], ["vnc", "spice"].contains(type) else { return nil }
        self.type = type
        let listens = graphics.all("listen")
        socket = graphics["socket"] ?? listens.lazy.compactMap { $0["socket"] }.first
        listen = graphics["listen"] ?? listens.lazy.compactMap { $0["address"] }.first ?? "127.0.0.1"
        port = graphics["port"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        tlsPort = graphics["tlsPort"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        guard port != nil || tlsPort != nil || socket != nil else { return nil }
    }

    /// `vnc://127.0.0.1:5900`, `spice://kvm5:5900?tls-port=5901`, `vnc+unix:///run/web1.sock`: what remote-viewer(1)
    /// takes. `remote` is the host that libvirt runs on, where that is another: its own loopback is not ours.
    func address(remote: String?) -> String {
        if let socket { return "\(type)+unix://\(socket)" }
        let host = Self.isNowhere(listen) ? remote ?? (listen.contains(":") ? "::1" : "127.0.0.1") : listen
        var address = "\(type)://" + (host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)
        if let port { address += ":\(port)" }
        if let tlsPort { address += "?tls-port=\(tlsPort)" }
        return address
    }

    /// Whether an address means any of the host's, or the host itself.
    private static func isNowhere(_ address: String) -> Bool {
        address == "0.0.0.0" || address == "::" || address == "::1" || address == "localhost"
            || address.hasPrefix("127.")
    }
}
