import ProviderAPI

/// What creation of a network takes here.
enum NetworkParameters {
    static let modes = ["nat", "isolated", "route", "open", "bridge", "macvtap", "ovs"]
    /// Those with addresses, DHCP and DNS of libvirt's own.
    static let managedModes: Set<String> = ["nat", "isolated", "route", "open"]

    static let all: [Parameter] =
        StandardParameters.network.map { parameter in
            guard parameter.name == "mode" else { return parameter }
            return Parameter("mode", .text, modes.joined(separator: ", "), aliases: ["forward_mode"])
        } + service + link

    /// Of networks with servers of their own.
    private static let service: [Parameter] = [
        Parameter("gateway", .text, "the host's address in it; the first one where it is not given"),
        Parameter("gateway_index", .number, "the same by its number in the range"),
        Parameter("dhcp_range", .list, "each FIRST LAST; all but the first and the last where it is not given"),
        Parameter("dhcp_start", .text, "the first address to give out"),
        Parameter("dhcp_end", .text, "the last one"),
        Parameter("reservations", .list, "each MAC ADDRESS [NAME]"),
        Parameter("dns", .flag, "whether it answers questions for names"),
        Parameter("forwarders", .list, "each [DOMAIN] ADDRESS of who is asked for other names"),
        Parameter("localdomain", .flag, "whether questions about its domain are never passed on"),
        Parameter("pxe", .text, "the server of pxelinux.0"),
    ]

    /// How it is joined to its host.
    private static let link: [Parameter] = [
        Parameter("bridge", .text, "the bridge of the host", aliases: ["bridgename"]),
        Parameter("device", .text, "the interface of the host that it goes out by", aliases: ["nic"]),
        Parameter("mtu", .number, "bytes of the largest packet"),
        Parameter("vlans", .list, "for mode ovs, each NAME [default] [TAG...], or a tag alone"),
        Parameter("macvtap", .flag, "the same as mode macvtap"),
        Parameter("ovs", .flag, "the same as mode ovs"),
        Parameter("fwzone", .text, "the zone of firewalld that its bridge is put in"),
    ]

    static let names = Set(all.map(\.name))

    /// Those that mean something only where the host keeps the addresses.
    static let managedOnly = [
        "cidr", "dual_cidr", "domain", "gateway", "gateway_index", "dhcp_range", "dhcp_start", "dhcp_end",
        "reservations", "forwarders", "localdomain", "pxe", "fwzone", "mtu",
    ]

    /// The mode that a draft asks for, in one way or another.
    static func mode(_ specification: Specification) throws(ProviderError) -> String {
        let written = specification.text("mode").map { $0 == "routed" ? "route" : $0 }
        var wishes: [String] = written.map { [$0] } ?? []
        if specification.flag("macvtap") == true { wishes.append("macvtap") }
        if specification.flag("ovs") == true { wishes.append("ovs") }
        guard Set(wishes).count < 2 else {
            throw ProviderError(
                .invalidValue, "network \(specification.name): mode cannot be \(wishes.joined(separator: " and "))")
        }
        let mode = wishes.first ?? (specification.flag("nat") == false ? "isolated" : "nat")
        guard modes.contains(mode) else {
            throw ProviderError(
                .invalidValue,
                "network \(specification.name): mode \(mode) is not one of \(modes.joined(separator: ", "))")
        }
        return mode
    }

    /// Refuses what the mode has no place for, by name.
    static func check(_ specification: Specification, mode: String) throws(ProviderError) {
        try specification.require(only: names)
        var refused: [String] = []
        if managedModes.contains(mode) {
            if specification.values["vlans"] != nil, !specification.texts("vlans").isEmpty { refused.append("vlans") }
        } else {
            refused = managedOnly.filter { name in
                specification.text(name) != nil || specification.flag(name) == true
                    || !specification.texts(name).isEmpty
            }
            if specification.flag("dhcp") == true { refused.append("dhcp") }
            if specification.flag("nat") == true { refused.append("nat") }
            if specification.flag("dns") == true { refused.append("dns") }
            if mode != "ovs", !specification.texts("vlans").isEmpty { refused.append("vlans") }
        }
        guard refused.isEmpty else {
            throw ProviderError(
                .unsupported,
                "network \(specification.name): mode \(mode) has no \(refused.joined(separator: ", ")): remove it")
        }
        if mode == "nat", specification.flag("nat") == false {
            throw ProviderError(.invalidValue, "network \(specification.name): mode nat and nat: no exclude each other")
        }
    }
}
