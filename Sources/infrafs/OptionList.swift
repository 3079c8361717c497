import ProviderAPI
import Settings

/// What `-o` says: our own options, with those of mount(8) and systemd passed over.
struct OptionList {
    /// For the kernel's or mount(8)'s eyes only.
    private static let ignored: Set<String> = [
        "_netdev", "async", "atime", "auto", "defaults", "dev", "diratime", "exec", "group", "iversion", "loud", "mand",
        "noatime", "noauto", "nodev", "nodiratime", "noexec", "nofail", "noiversion", "nomand", "norelatime",
        "nostrictatime", "nosuid", "nouser", "owner", "relatime", "silent", "strictatime", "suid", "sync", "user",
        "users",
    ]
    private static let own = ["config", "demo", "log_file", "log_level"]
    private static let secretWords = ["password", "passwd", "secret", "token", "api_key", "apikey", "access_key"]

    /// `config=FILE`.
    private(set) var config: String?
    /// `demo`.
    private(set) var demo = false
    /// `log_file=FILE`.
    private(set) var logFile: String?
    /// `log_level=LEVEL`.
    private(set) var logLevel: String?
    private var settings: [(name: String, value: String?)] = []

    /// Reads every `-o`, in order. Throws on an option that is unknown, impossible, or a secret.
    init(_ lists: [String]) throws(Failure) {
        for list in lists {
            for word in Self.words(of: list) { try take(word) }
        }
    }

    /// Puts what it says over what the configuration says.
    func apply(to settings: inout MountSettings) {
        // Each was tried when it was read.
        for (name, value) in self.settings { _ = settings.set(name, to: value) }
    }

    private mutating func take(_ word: String) throws(Failure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return }
        let value = parts.count > 1 ? parts[1] : nil
        if Self.ignored.contains(name) || name.hasPrefix("x-") || ["comment", "helper", "X-"].contains(name) { return }
        switch name {
        case "rw": settings.append(("ro", "no"))
        case "demo": demo = true
        case "config": config = try Self.required(value, name, "FILE")
        case "log_file": logFile = try Self.required(value, name, "FILE")
        case "log_level": logLevel = try Self.required(value, name, "LEVEL")
        default: try take(name, value)
        }
    }

    private mutating func take(_ name: String, _ value: String?) throws(Failure) {
        guard !Self.isSecret(name) else {
            throw Failure(
                .usage, "'-o \(name)' would show a secret in the list of processes: put it in the configuration file")
        }
        let known = MountSettings.options.map(\.name) + Self.own
        guard known.contains(name) else {
            throw Failure(.usage, "unknown mount option '\(name)'\(Suggestion.hint(for: name, among: known))")
        }
        var trial = MountSettings()
        if let fault = trial.set(name, to: value) { throw Failure(.usage, "mount option '\(name)' \(fault)") }
        settings.append((name, value))
    }

    private static func required(_ value: String?, _ name: String, _ placeholder: String) throws(Failure) -> String {
        guard let value, !value.isEmpty else {
            throw Failure(.usage, "mount option '\(name)' needs a value: \(name)=\(placeholder)")
        }
        return value
    }

    private static func isSecret(_ name: String) -> Bool {
        let declared = allProviders.contains { registration in
            registration.options.contains { $0.name == name && $0.form == .secret }
        }
        return declared || secretWords.contains { name.lowercased().contains($0) }
    }

    /// Split at commas; a backslash keeps the next character, as in libfuse.
    private static func words(of list: String) -> [String] {
        var words: [String] = []
        var word = ""
        var rest = Substring(list)
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                word.append(next)
            } else if character == "," {
                words.append(word)
                word = ""
            } else {
                word.append(character)
            }
        }
        return words + [word]
    }
}
