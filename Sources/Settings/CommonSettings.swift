public import ProviderAPI
import YAMLKit

/// The options that a provider of any type has.
public struct CommonSettings: Sendable, Hashable {
    /// How long what was read may be shown before it is read again; zero reads every time.
    public var cache: Duration = .seconds(5)
    /// How long one call to the platform may take.
    public var timeout: Duration = .seconds(30)
    /// Whether every change is refused.
    public var readOnly = false
    /// Resources that may not be deleted or changed: `COLLECTION/NAME`, each a shell pattern, checked to be one.
    public var protect: [String] = []
    /// Whether a machine may be deleted while it runs.
    public var deleteRunning = false
    /// Calls to the platform at one time.
    public var maxCalls = 8
    /// Which images are listed; all of them where it is empty.
    public var images: [String] = []

    /// What holds where nothing is said.
    public init() {}

    /// Their keys, for the help and the manual page.
    public static var options: [ProviderOption] { table.map(\.option) }

    /// One key: its description, and what it does.
    struct Row: Sendable {
        let option: ProviderOption
        let apply: @Sendable (YAMLNode, inout CommonSettings) throws(ValueError) -> Void
    }

    static let table: [Row] = [
        Row(option: ProviderOption("cache", .text, "how long a reading stays fresh", standard: "5s")) {
            (node, common) throws(ValueError) in common.cache = try node.duration(zero: true)
        },
        Row(option: ProviderOption("timeout", .text, "deadline of one call to the platform", standard: "30s")) {
            (node, common) throws(ValueError) in common.timeout = try node.duration(zero: false)
        },
        Row(option: ProviderOption("read_only", .flag, "refuse every change", standard: "no")) {
            (node, common) throws(ValueError) in common.readOnly = try node.flag()
        },
        Row(option: ProviderOption("protect", .list, "patterns of what may not be changed or deleted (vms/prod-*)")) {
            (node, common) throws(ValueError) in common.protect = try node.protectionPatterns()
        },
        Row(option: ProviderOption("delete_running", .flag, "let rmdir delete a running machine", standard: "no")) {
            (node, common) throws(ValueError) in common.deleteRunning = try node.flag()
        },
        Row(option: ProviderOption("max_calls", .number, "calls to the platform at one time", standard: "8")) {
            (node, common) throws(ValueError) in common.maxCalls = try node.number(in: 1...1000)
        },
        Row(option: ProviderOption("images", .list, "which images to list: names or patterns", standard: "all")) {
            (node, common) throws(ValueError) in common.images = try node.texts()
        },
    ]
}
