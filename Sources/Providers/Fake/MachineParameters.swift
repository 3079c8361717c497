import ProviderAPI

/// What the creation of a machine takes here.
enum MachineParameters {
    /// What changes nothing in a simulation and is kept as metadata of that name, so that it can be read back.
    static let remembered: [Parameter] = [
        Parameter("cpumodel", .text, "CPU model, kept in metadata"),
        Parameter("cpuflags", .list, "CPU features, kept in metadata"),
        Parameter("nested", .flag, "nested virtualisation, kept in metadata"),
        Parameter("tpm", .flag, "a TPM device, kept in metadata"),
        Parameter("rng", .flag, "a random number device, kept in metadata"),
        Parameter("uefi", .flag, "UEFI firmware, kept in metadata"),
        Parameter("secureboot", .flag, "secure boot, kept in metadata"),
        Parameter("machine", .text, "machine type, kept in metadata"),
        Parameter("cmdline", .text, "kernel arguments, kept in metadata"),
        Parameter("guestid", .text, "operating system id, kept in metadata"),
        Parameter("keys", .list, "SSH public keys, kept in metadata"),
        Parameter("cmds", .list, "commands of the first boot, kept in metadata"),
        Parameter("userdata", .text, "cloud-init user data, kept in metadata"),
        Parameter("networkdata", .text, "cloud-init network data, kept in metadata"),
        Parameter("tags", .list, "labels, kept in metadata"),
        Parameter(
            "files",
            .entries([
                Parameter("path", .text, "where it goes in the guest"),
                Parameter("content", .text, "its content"),
                Parameter("origin", .text, "the file it comes from"),
                Parameter("mode", .text, "its mode, in octal"),
                Parameter("owner", .text, "its owner"),
            ]), "files to put into the guest, kept in metadata"),
    ]

    /// What a guest would be told, and nobody else: kept nowhere.
    private static let forgotten: [Parameter] = [
        Parameter("password", .text, "the login user's password, kept nowhere", isSecret: true),
        Parameter("rootpassword", .text, "root's password, kept nowhere", isSecret: true),
    ]

    static let all: [Parameter] =
        StandardParameters.vm + [
            Parameter("flavor", .text, "the size to have instead of memory and cpus"),
            Parameter("iso", .text, "the medium in its CD drive"),
            Parameter("securitygroups", .list, "security groups it is in"),
            Parameter("disksize", .gibibytes, "GiB of disks that say no size"),
            Parameter("diskinterface", .text, "the bus of disks that say none"),
            Parameter("diskthin", .flag, "whether disks that do not say are thin"),
        ] + remembered + forgotten

    static let names = Set(all.map(\.name))

    /// The metadata that a specification makes.
    static func metadata(of specification: Specification) -> [String: String] {
        var metadata: [String: String] = [:]
        for pair in specification.pairs("metadata") { metadata[pair.key] = pair.value }
        for key in StandardParameters.metadataKeys + remembered.map(\.name) {
            guard let value = specification.values[key], value != .none else { continue }
            let text = plain(value)
            if !text.isEmpty { metadata[key] = text }
        }
        let groups = specification.texts("securitygroups")
        if !groups.isEmpty { metadata["securitygroups"] = groups.joined(separator: "\n") }
        return metadata
    }

    /// A value as text; the fields of an entry are set in below its name.
    private static func plain(_ value: Value) -> String {
        guard case .map(let entries) = value else { return value.plainText }
        return entries.map { entry in
            guard case .map(let fields) = entry.value else { return "\(entry.key): \(entry.value.plainText)" }
            let lines = fields.flatMap { "\($0.key): \($0.value.plainText)".split(separator: "\n") }
            return ([entry.key + ":"] + lines.map { "  " + $0 }).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
