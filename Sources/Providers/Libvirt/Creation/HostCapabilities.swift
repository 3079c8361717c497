import LibvirtKit
import ProviderAPI
import XMLKit

/// What a host can run, from virConnectGetCapabilities.
struct HostCapabilities {
    /// `x86_64`, ...
    let architecture: String
    /// `kvm`, `qemu`, ...: the types of domain for that architecture.
    let types: [String]
    /// The model of the host's processors.
    let cpuModel: String?

    init(_ connection: Connection) throws {
        let document = try XMLElement(parsing: try connection.capabilities())
        let host = document.text("host/cpu/arch") ?? "x86_64"
        let guests = document.all("guest").filter { $0.text("os_type") == "hvm" }.compactMap { $0.first("arch") }
        guard let guest = guests.first(where: { $0["name"] == host }) ?? guests.first else {
            throw ProviderError(.unsupported, "the host runs no full virtual machines: install QEMU there")
        }
        architecture = guest["name"] ?? host
        types = guest.all("domain").compactMap { $0["type"] }
        cpuModel = document.text("host/cpu/model")
    }

    /// The type of a new domain: what was asked for, hardware virtualisation if libvirt can use it, else emulation.
    func type(asked: String?) throws -> String {
        if let asked {
            // libvirt's simulation knows only its own.
            guard types.contains(asked) || types == ["test"] else {
                let all = types.joined(separator: ", ")
                throw ProviderError(.unsupported, "virttype \(asked): libvirt on this host can only use \(all)")
            }
            if types.contains(asked) { return asked }
        }
        return ["kvm", "qemu"].first(where: types.contains) ?? types.first ?? "qemu"
    }
}
