import ProviderAPI
import XMLKit

/// The screen of a machine to be (formatdomain: Graphical framebuffers, Video devices).
struct ScreenWish: Sendable {
    static let models = ["virtio", "vga", "qxl", "cirrus", "bochs", "ramfb", "none"]

    /// `vnc`, `spice`; nil for none.
    let type: String?
    let password: Secret?
    /// An address; nil for a socket.
    let address: String?
    let video: String?

    init(_ specification: Specification) throws(ProviderError) {
        let isSpice = specification.flag("spice") ?? false
        let isVNC = specification.flag("vnc") ?? !isSpice
        guard !(isSpice && specification.flag("vnc") == true) else {
            throw ProviderError(.invalidValue, "vnc and spice are one screen: set one of them")
        }
        type = isSpice ? "spice" : isVNC ? "vnc" : nil
        password = specification.text("vncpassword").map { Secret($0) }
        let listen = specification.text("listen") ?? "127.0.0.1"
        address = listen == "socket" ? nil : listen
        video = specification.text("video")
        guard type != nil || (password == nil && specification.values["listen"] == nil) else {
            throw ProviderError(.invalidValue, "vncpassword and listen need vnc or spice")
        }
        // VNC's own limit.
        guard type != "vnc" || (password?.reveal().utf8.count ?? 0) <= 8 else {
            throw ProviderError(.invalidValue, "vncpassword: VNC takes 8 characters at most")
        }
    }

    var elements: [XMLElement] {
        var elements: [XMLElement] = []
        if let type {
            var graphics = XMLElement("graphics", ["type": type])
            if let address {
                graphics["port"] = "-1"
                graphics["autoport"] = "yes"
                graphics["listen"] = address
                graphics.append(XMLElement("listen", ["type": "address", "address": address]))
            } else {
                graphics.append(XMLElement("listen", ["type": "socket"]))
            }
            if let password { graphics["passwd"] = password.reveal() }
            elements.append(graphics)
        }
        if let video { elements.append(XMLElement("video", [:], [XMLElement("model", ["type": video])])) }
        return elements
    }
}
