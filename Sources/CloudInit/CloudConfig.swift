import ProviderAPI
import YAMLKit

/// The document that cloud-init's modules read, from the parameters of creation.
struct CloudConfig {
    /// Those that it is made from, `user` and `domain` aside.
    static let parameters = ["keys", "cmds", "packages", "files", "password", "rootpassword", "enableroot"]

    let document: YAMLNode

    init(_ specification: Specification, hostname: String, fullName: String) throws(ProviderError) {
        var entries: [YAMLNode.Entry] = [
            .init("preserve_hostname", .bool(false)), .init("hostname", .string(hostname)),
        ]
        if fullName.contains(".") { entries.append(.init("fqdn", .string(fullName))) }
        entries += try Self.logins(specification)
        let packages = specification.texts("packages").flatMap(FirstBoot.words)
        if !packages.isEmpty { entries.append(.init("packages", Self.list(packages))) }
        let files = try specification.entries("files").map { file throws(ProviderError) in try Self.file(file) }
        if !files.isEmpty { entries.append(.init("write_files", .sequence(files))) }
        let commands = specification.texts("cmds")
        if !commands.isEmpty { entries.append(.init("runcmd", Self.list(commands))) }
        document = .mapping(entries)
    }

    private static func list(_ texts: [String]) -> YAMLNode { .sequence(texts.map(YAMLNode.string)) }

    // MARK: Logins

    /// The user of the image, or one of that name in its place; root where it was asked for.
    private static func logins(_ specification: Specification) throws(ProviderError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        let keys = try keys(specification)
        let password = specification.text("password").map(PasswordHash.hash)
        let user = try specification.text("user").map(login)
        let isRoot = user == "root"
        if let user, !isRoot { entries.append(.init("user", .string(user))) }
        if !keys.isEmpty { entries.append(.init("ssh_authorized_keys", list(keys))) }
        if let password, !isRoot { entries.append(.init("password", .string(password))) }
        let root = specification.text("rootpassword").map(PasswordHash.hash) ?? (isRoot ? password : nil)
        if password != nil || root != nil {
            var change: [YAMLNode.Entry] = [.init("expire", .bool(false))]
            if let root {
                let fields: [YAMLNode.Entry] = [
                    .init("name", .string("root")), .init("password", .string(root)), .init("type", .string("hash")),
                ]
                change.append(.init("users", .sequence([.mapping(fields)])))
            }
            entries.append(.init("chpasswd", .mapping(change)))
            entries.append(.init("ssh_pwauth", .bool(true)))
        }
        if let flag = specification.flag("enableroot") ?? (isRoot ? true : nil) {
            entries.append(.init("disable_root", .bool(!flag)))
        }
        return entries
    }

    private static func login(_ name: String) throws(ProviderError) -> String {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isName, !name.hasPrefix("-"), name.utf8.count <= 32 else {
            throw ProviderError(.invalidValue, "user: '\(name)' is no name of a login")
        }
        return name
    }

    /// sshd(8): options may stand before the type of a key.
    private static func keys(_ specification: Specification) throws(ProviderError) -> [String] {
        let lines = specification.texts("keys").filter { !$0.hasPrefix("#") }
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            let isKey = words.contains { word in
                ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].contains { word.hasPrefix($0) }
            }
            guard isKey, words.count >= 2 else {
                throw ProviderError(.invalidValue, "keys: line \(index + 1) is no public key of ssh")
            }
        }
        return lines
    }

    // MARK: Files

    private static func file(_ file: Specification) throws(ProviderError) -> YAMLNode {
        let place = "files/\(file.name)"
        guard let path = file.text("path"), path.hasPrefix("/") else {
            throw ProviderError(.invalidValue, "\(place): path is missing, or does not begin with /")
        }
        var entries: [YAMLNode.Entry] = [.init("path", .string(path))]
        if let owner = file.text("owner") {
            entries.append(.init("owner", .string(owner)))
            // A login that this first boot makes is not there yet when files are written.
            if !owner.hasPrefix("root") { entries.append(.init("defer", .bool(true))) }
        }
        if let mode = file.text("mode") {
            guard let bits = Int(mode, radix: 8), (0...0o7777).contains(bits) else {
                throw ProviderError(.invalidValue, "\(place)/mode: '\(mode)' is no mode in octal, as 0644")
            }
            entries.append(.init("permissions", .string(mode.hasPrefix("0") ? mode : "0\(mode)")))
        }
        let encoding = file.text("encoding") ?? "plain"
        if encoding != "plain" { entries.append(.init("encoding", .string(encoding))) }
        var content = file.text("content") ?? ""
        // A file of a draft loses its last newline when it is read as a text.
        if encoding == "plain", !content.isEmpty, !content.hasSuffix("\n") { content += "\n" }
        entries.append(.init("content", .string(content)))
        return .mapping(entries)
    }
}
