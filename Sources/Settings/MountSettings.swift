import Glibc
import YAMLKit

/// How to mount: the `mount:` section of the configuration, and what `-o` says over it.
public struct MountSettings: Sendable, Hashable {
    /// Whether others may enter; the kernel then checks permissions.
    public var allowOther = false
    /// Whether the whole mount is read-only.
    public var readOnly = false
    /// Whether those who watch with inotify(7) are told of what comes about elsewhere.
    public var inotify = false
    /// Who owns what is in it; the one who mounts where nil.
    public var uid: UInt32?
    /// Whose group it is; that of the one who mounts where nil.
    public var gid: UInt32?
    /// Permission bits to take away.
    public var umask: UInt32?

    /// What holds where nothing is said.
    public init() {}

    /// One option, as the configuration, `-o` and the manual page have it.
    public struct Option: Sendable {
        /// Its key in the configuration and its name in `-o`.
        public let name: String
        /// What follows its name, for people; nil of a flag.
        public let placeholder: String?
        /// One line for people.
        public let help: String
        let apply: @Sendable (String, inout MountSettings) throws(ValueError) -> Void
    }

    /// All of them.
    public static let options: [Option] = [
        Option(name: "allow_other", placeholder: nil, help: "let other users enter, within the permission bits") {
            (text, settings) throws(ValueError) in settings.allowOther = try flag(text)
        },
        Option(name: "ro", placeholder: nil, help: "refuse every change") {
            (text, settings) throws(ValueError) in settings.readOnly = try flag(text)
        },
        Option(name: "uid", placeholder: "UID", help: "owner of what is in the mount") {
            (text, settings) throws(ValueError) in settings.uid = try id(text)
        },
        Option(name: "gid", placeholder: "GID", help: "group of what is in the mount") {
            (text, settings) throws(ValueError) in settings.gid = try id(text)
        },
        Option(name: "umask", placeholder: "OCTAL", help: "permission bits to take away") {
            (text, settings) throws(ValueError) in settings.umask = try mask(text)
        },
        Option(name: "inotify", placeholder: nil, help: "tell watchers of what changes on the platforms") {
            (text, settings) throws(ValueError) in settings.inotify = try flag(text)
        },
    ]

    /// Sets one by its name, as `-o name` or `-o name=value` does. Returns what is wrong, as the rest of a sentence that
    /// begins with the name; nil where all is well.
    public mutating func set(_ name: String, to text: String?) -> String? {
        guard let option = Self.options.first(where: { $0.name == name }) else {
            return "is unknown\(Suggestion.hint(for: name, among: Self.options.map(\.name)))"
        }
        if text == nil, let placeholder = option.placeholder { return "needs a value: \(name)=\(placeholder)" }
        do {
            try option.apply(text ?? "yes", &self)
            return nil
        } catch {
            return error.message
        }
    }

    private static func flag(_ text: String) throws(ValueError) -> Bool {
        try YAMLNode(.scalar(text, isString: false)).flag()
    }

    private static func id(_ text: String) throws(ValueError) -> UInt32 {
        guard let id = UInt32(text), id != .max else { throw ValueError("must be a number, not '\(text)'") }
        return id
    }

    private static func mask(_ text: String) throws(ValueError) -> UInt32 {
        guard let mask = UInt32(text, radix: 8), mask <= 0o777 else {
            throw ValueError("must be octal permission bits such as 022, not '\(text)'")
        }
        return mask
    }
}
