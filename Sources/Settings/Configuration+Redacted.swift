import ProviderAPI
import YAMLKit

extension Configuration {
    /// The whole configuration in this program's own format, as it holds now, with every secret blanked: also passwords
    /// inside URLs.
    public var redacted: String {
        let origin = source.map { "# from \($0)\n" } ?? ""
        let root: [YAMLNode.Entry] = [
            .init("providers", .mapping(providers.map { .init($0.name, $0.redacted) })),
            .init("mount", .mapping(mount.entries)),
        ]
        return origin + YAML.emit(.mapping(root))
    }
}

extension ProviderEntry {
    fileprivate var redacted: YAMLNode {
        var entries: [YAMLNode.Entry] = [.init("type", .string(registration.type))]
        for option in registration.options {
            if settings.secrets[option.name] != nil || hidden.contains(option.name) {
                entries.append(.init(option.name, .string(Redaction.blank)))
            } else if let value = settings.values[option.name] {
                entries.append(.init(option.name, Redaction.node(value)))
            }
        }
        return .mapping(entries + common.entries)
    }
}

extension CommonSettings {
    fileprivate var entries: [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = [
            .init("cache", .string(DurationText.format(cache))),
            .init("timeout", .string(DurationText.format(timeout))),
            .init("read_only", .bool(readOnly)), .init("delete_running", .bool(deleteRunning)),
            .init("max_calls", .int(maxCalls)),
        ]
        if !protect.isEmpty { entries.append(.init("protect", .sequence(protect.map { .string($0) }))) }
        if !images.isEmpty { entries.append(.init("images", .sequence(images.map { .string($0) }))) }
        return entries
    }
}

extension MountSettings {
    fileprivate var entries: [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = [
            .init("allow_other", .bool(allowOther)), .init("ro", .bool(readOnly)),
        ]
        if let uid { entries.append(.init("uid", .int(Int(uid)))) }
        if let gid { entries.append(.init("gid", .int(Int(gid)))) }
        if let umask { entries.append(.init("umask", .string("0" + String(umask, radix: 8)))) }
        return entries
    }
}

/// Blanks what must not be shown.
enum Redaction {
    static let blank = "<secret>"

    /// A value that is plain by its option.
    static func node(_ value: Value) -> YAMLNode {
        switch value {
        case .none: .null
        case .text(let text): .string(withoutPassword(text))
        case .number(let number): .int(number)
        case .flag(let flag): .bool(flag)
        case .list(let values): .sequence(values.map(node))
        case .map(let entries): .mapping(entries.map { .init($0.key, node($0.value)) })
        }
    }

    /// `https://user:password@host/` with its password blanked (RFC 3986, 3.2.1).
    static func withoutPassword(_ text: String) -> String {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return text }
        let authority = parts[1].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return text
        }
        return "\(parts[0])://\(authority[..<colon]):\(blank)\(parts[1][at...])"
    }
}
