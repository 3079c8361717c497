public import ProviderAPI
import YAMLKit

/// What a machine is told at its first boot, in cloud-init's terms: user data, meta data and the configuration of its
/// network, made from the parameters of ``StandardParameters/cloudInit``. It asks nobody and writes nothing.
public struct FirstBoot: Sendable, Hashable {
    /// `#cloud-config` made from the parameters, or what was given verbatim. It may hold passwords' hashes and the
    /// content of files.
    public let userData: Secret
    /// The name that the guest gives itself.
    public let hostname: String
    /// The name with its domain.
    public let fullName: String
    /// The servers that resolve names for it.
    public let dns: [String]
    private let domain: String?
    /// The configuration of the network that was given verbatim.
    private let verbatimNetwork: String?

    /// The parameters that ask for a first boot by cloud-init; `user` and `domain` alone do not, since they are facts of
    /// a machine too.
    private static let asking = [
        "keys", "cmds", "packages", "files", "password", "rootpassword", "enableroot", "hostname", "dns", "gateway",
        "userdata", "networkdata",
    ]

    /// Nil where nothing of the kind was asked for, or `cloudinit` says no. `invalidValue` where a parameter cannot be.
    public init?(_ specification: Specification) throws(ProviderError) {
        let interfaces = try Interface.all(of: specification)
        let isAsked =
            Self.asking.contains { specification.values[$0] != nil } || interfaces.contains { $0.address != nil }
        guard specification.flag("cloudinit") ?? isAsked else { return nil }
        dns = try specification.texts("dns").flatMap(Self.words).map { text throws(ProviderError) in
            guard AddressText(text) != nil else {
                throw ProviderError(.invalidValue, "dns: \(text) is no address of a server")
            }
            return text
        }
        domain = try specification.text("domain").map { text throws(ProviderError) in
            try Self.name(text, of: "domain", isDotted: true)
        }
        hostname =
            try specification.text("hostname").map { text throws(ProviderError) in
                try Self.name(text, of: "hostname", isDotted: true)
            } ?? Self.hostname(from: specification.name)
        fullName = hostname.contains(".") ? hostname : hostname + (domain.map { ".\($0)" } ?? "")
        verbatimNetwork = try specification.text("networkdata").map { text throws(ProviderError) in
            try Self.network(verbatim: text)
        }
        if let text = specification.text("userdata") {
            userData = Secret(try Self.user(verbatim: text, specification))
        } else {
            let config = try CloudConfig(specification, hostname: hostname, fullName: fullName)
            userData = Secret("#cloud-config\n" + YAML.emit(config.document))
        }
    }

    /// The meta data of NoCloud: an identity that changes when cloud-init is to begin anew, and the name.
    public func metaData(instanceID: String) -> String {
        YAML.emit(
            .mapping([.init("instance-id", .string(instanceID)), .init("local-hostname", .string(fullName))]))
    }

    /// The configuration of the network, version 2; nil where the guest's own way, DHCP on its one interface, will do.
    /// Interfaces are told by their hardware addresses: the platform gives those out before.
    public func networkConfig(_ interfaces: [Interface]) -> String? {
        if let verbatimNetwork { return verbatimNetwork }
        let known = interfaces.filter { !$0.isLeftAlone }
        let isNeeded = known.count > 1 || !dns.isEmpty || interfaces.contains { $0.isSpecial }
        guard isNeeded, !known.isEmpty else { return nil }
        let ethernets = known.map { interface in
            YAMLNode.Entry(interface.name, interface.configuration(dns: dns, domain: domain))
        }
        return YAML.emit(.mapping([.init("version", .int(2)), .init("ethernets", .mapping(ethernets))]))
    }

    /// The disc that NoCloud reads: its label is `cidata`.
    public func disc(instanceID: String, _ interfaces: [Interface]) -> DiscImage {
        var files = [
            DiscImage.File("meta-data", Array(metaData(instanceID: instanceID).utf8)),
            DiscImage.File("user-data", Array(userData.reveal().utf8)),
        ]
        if let network = networkConfig(interfaces) {
            files.append(DiscImage.File("network-config", Array(network.utf8)))
        }
        return DiscImage(label: "cidata", files: files)
    }

    // MARK: Checks

    /// What cloud-init takes user data by: its first line.
    private static let beginnings = [
        "#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "#cloud-config-archive",
        "## template: jinja", "Content-Type: multipart/", "MIME-Version:",
    ]

    private static func user(verbatim text: String, _ specification: Specification) throws(ProviderError) -> String {
        let others = CloudConfig.parameters.filter { specification.values[$0] != nil }
        guard others.isEmpty else {
            throw ProviderError(
                .invalidValue, "userdata is taken as it is: \(others.joined(separator: ", ")) cannot be beside it")
        }
        guard beginnings.contains(where: text.hasPrefix) else {
            throw ProviderError(
                .invalidValue, "userdata: cloud-init knows it by its first line: #cloud-config, #!/bin/sh, ...")
        }
        if text.hasPrefix("#cloud-config\n") { try requireMap(text, "userdata") }
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private static func network(verbatim text: String) throws(ProviderError) -> String {
        try requireMap(text, "networkdata")
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private static func requireMap(_ text: String, _ parameter: String) throws(ProviderError) {
        do throws(YAMLError) {
            guard let node = try YAML.parse(text), node.entries == nil else { return }
        } catch {
            // The parser's words may hold a piece of the text.
            throw ProviderError(.invalidValue, "\(parameter): it is no YAML, about line \(max(error.line, 1))")
        }
        throw ProviderError(.invalidValue, "\(parameter): a YAML map is needed")
    }

    /// RFC 1123: letters, digits and hyphens.
    static func name(_ text: String, of parameter: String, isDotted: Bool) throws(ProviderError) -> String {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            let hasLength = (1...63).contains(label.utf8.count)
            return hasLength && label.utf8.allSatisfy(isLetter) && label.first != "-" && label.last != "-"
        }
        guard isName, isDotted || labels.count == 1, text.utf8.count <= 253 else {
            throw ProviderError(
                .invalidValue, "\(parameter): '\(text)' is no host name: use letters, digits and hyphens")
        }
        return text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
        default: false
        }
    }

    /// A machine's name as a host name: what cannot be in one becomes a hyphen.
    private static func hostname(from name: String) -> String {
        let letters = name.utf8.map { isLetter($0) || $0 == 0x2E ? $0 : 0x2D }
        let text = String(decoding: letters.prefix(63), as: UTF8.self)
        let labels = text.split(separator: ".").map { label in
            String(label.drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed())
        }
        let joined = labels.filter { !$0.isEmpty }.joined(separator: ".")
        return joined.isEmpty ? "localhost" : joined
    }

    /// The words of a line, apart by space or comma.
    static func words(_ line: String) -> [String] {
        line.split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init)
    }
}
