import CloudInit
import ProviderAPI
import XMLKit

/// A network interface of a machine to be, or one to add (formatdomain: Network interfaces).
struct InterfaceWish: Sendable {
    static let modes = ["bridge", "vepa", "private", "passthrough"]
    static let types = ["network", "bridge", "direct", "user", "hostdev"]

    let name: String
    let type: String
    let network: String?
    var mac: String
    let model: String
    /// Without its prefix.
    let address: String?
    let order: Int?
    let mode: String
    let vlan: [Int]
    let queues: Int?
    let filter: String?
    let target: String?
    let isOpenVSwitch: Bool
    let mtu: Int?
    /// Whether the network keeps the address for it, and knows its name: as far as the draft says.
    let reservesAddress: Bool?
    let reservesName: Bool
    let aliases: [String]
    /// Whether the guest gets its address from cloud-init.
    let isStatic: Bool

    init(_ wish: Specification) throws(ProviderError) {
        try wish.require(only: MachineParameters.nicKeys)
        let place = "nics/\(wish.name)"
        name = wish.name
        isOpenVSwitch = wish.flag("ovs") ?? false
        type = try Self.type(wish)
        network = wish.text("network")
        guard network != nil || type == "user" else {
            throw ProviderError(.invalidValue, "\(place): network is missing")
        }
        mac = try wish.text("mac").map { text throws(ProviderError) in try Self.mac(text, place) } ?? Self.newMAC()
        model = wish.text("model") ?? "virtio"
        address = FirstBoot.Interface.plainAddress(wish)
        isStatic = wish.text("netmask") != nil || wish.text("ip")?.contains("/") == true
        order = wish.number("boot_order")
        guard order.map({ $0 > 0 }) ?? true else {
            throw ProviderError(.invalidValue, "\(place): boot_order begins at 1")
        }
        mode = wish.text("mode") ?? "bridge"
        vlan = try wish.texts("vlan").flatMap { $0.split { " ,".contains($0) } }.map { text throws(ProviderError) in
            guard let tag = Int(text), (1...4094).contains(tag) else {
                throw ProviderError(.invalidValue, "\(place): vlan \(text) is not between 1 and 4094")
            }
            return tag
        }
        queues = wish.number("multiqueues")
        guard queues.map({ (1...256).contains($0) }) ?? true else {
            throw ProviderError(.invalidValue, "\(place): multiqueues is not between 1 and 256")
        }
        filter = wish.text("filter")
        target = wish.text("target")
        mtu = wish.number("mtu")
        reservesAddress = wish.flag("reserveip")
        reservesName = wish.flag("reservedns") ?? false
        aliases = wish.texts("alias")
        guard address != nil || (reservesAddress != true && !reservesName) else {
            throw ProviderError(.invalidValue, "\(place): reserveip and reservedns need ip")
        }
    }

    private static func type(_ wish: Specification) throws(ProviderError) -> String {
        let isBridge = wish.flag("bridge") == true || wish.flag("ovs") == true
        let implied = isBridge ? "bridge" : wish.flag("macvtap") == true ? "direct" : nil
        let type = wish.text("type") ?? implied ?? "network"
        guard types.contains(type) else {
            throw ProviderError(.invalidValue, "nic type \(type) is not one of \(types.joined(separator: ", "))")
        }
        return type
    }

    private static func mac(_ text: String, _ place: String) throws(ProviderError) -> String {
        let bytes = text.split { ":-".contains($0) }.map { $0.count == 2 ? UInt8($0, radix: 16) : nil }
        guard bytes.count == 6, let first = bytes[0], bytes.allSatisfy({ $0 != nil }), first & 1 == 0 else {
            throw ProviderError(.invalidValue, "\(place)/mac: '\(text)' is no hardware address, as 52:54:00:12:34:56")
        }
        return bytes.map { byte in
            let text = String(byte ?? 0, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined(separator: ":")
    }

    /// In QEMU's range, as libvirt makes them.
    static func newMAC() -> String {
        let bytes = (0..<3).map { _ in UInt8.random(in: 0...255) }
        return "52:54:00" + bytes.map { ":" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The interface. That its network is there is for the caller to see.
    func element(order: Int?) throws(ProviderError) -> XMLElement {
        var interface = XMLElement("interface", ["type": type], [XMLElement("mac", ["address": mac])])
        if let source = try source { interface.append(source) }
        if isOpenVSwitch { interface.append(XMLElement("virtualport", ["type": "openvswitch"])) }
        if !vlan.isEmpty {
            var element = XMLElement("vlan", [:], vlan.map { XMLElement("tag", ["id": "\($0)"]) })
            if vlan.count > 1 { element["trunk"] = "yes" }
            interface.append(element)
        }
        if type == "hostdev" {
            interface["managed"] = "yes"
        } else {
            if let target { interface.append(XMLElement("target", ["dev": target])) }
            interface.append(XMLElement("model", ["type": model]))
            if let queues { interface.append(XMLElement("driver", ["name": "vhost", "queues": "\(queues)"])) }
        }
        if let mtu { interface.append(XMLElement("mtu", ["size": "\(mtu)"])) }
        if let filter { interface.append(XMLElement("filterref", ["filter": filter])) }
        if let order { interface.append(XMLElement("boot", ["order": "\(order)"])) }
        return interface
    }

    private var source: XMLElement? {
        get throws(ProviderError) {
            guard let network else { return nil }
            switch type {
            case "network": return XMLElement("source", ["network": network])
            case "bridge": return XMLElement("source", ["bridge": network])
            case "direct": return XMLElement("source", ["dev": network, "mode": mode])
            case "hostdev":
                let address = try DeviceWish.pciAddress(network, of: "nics/\(name)/network")
                var source = XMLElement("source", [:], [address])
                source.update("address") { $0["type"] = "pci" }
                return source
            default: return nil
            }
        }
    }
}
