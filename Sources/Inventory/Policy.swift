public import ProviderAPI

/// What the configuration says about any provider, whatever its type.
public struct Policy: Sendable {
    /// How old a fact may be before it is asked for again.
    public var cache: Duration
    /// How long one call may take.
    public var timeout: Duration
    /// Nothing may be changed.
    public var isReadOnly: Bool
    /// Patterns of `COLLECTION/NAME` that may not be changed or deleted.
    public var protect: [Glob]
    /// Whether deleting a running machine powers it off first.
    public var deletesRunning: Bool
    /// How many calls may be under way at once.
    public var maxCalls: Int
    /// Patterns of the images to show; empty: all.
    public var images: [Glob]

    /// A policy.
    public init(
        cache: Duration = .seconds(5), timeout: Duration = .seconds(30), isReadOnly: Bool = false,
        protect: [Glob] = [], deletesRunning: Bool = false, maxCalls: Int = 8,
        images: [Glob] = []
    ) {
        self.cache = cache
        self.timeout = timeout
        self.isReadOnly = isReadOnly
        self.protect = protect
        self.deletesRunning = deletesRunning
        self.maxCalls = maxCalls
        self.images = images
    }

    /// Whether a resource is shown at all.
    func shows(_ kind: Kind, _ name: String) -> Bool {
        kind != .images || images.isEmpty || images.contains { $0.matches(name) }
    }

    /// Refuses what the policy forbids: `readOnly` or `protected`. `entry` is its name in the directory where that is
    /// another, as with two of one name.
    public func permit(_ kind: Kind, _ name: String, listedAs entry: String? = nil) throws(ProviderError) {
        if isReadOnly {
            throw ProviderError(.readOnly, "this provider is configured read_only: nothing in it can be changed")
        }
        // As the tree shows it: a slash of the platform's name must not end a component of the pattern.
        for shown in Set([EntryName.encode(name), entry].compactMap(\.self)) {
            let target = "\(kind.rawValue)/\(shown)"
            if let pattern = protect.first(where: { $0.matches(target) }) {
                throw ProviderError(
                    .protected, "\(target) is protected by the configuration (protect: \(pattern.pattern))")
            }
        }
    }

    /// Whether there is a pattern that one of a kind could match.
    func mayProtect(_ kind: Kind) -> Bool {
        protect.contains { Glob(String($0.pattern.prefix { $0 != "/" }))?.matches(kind.rawValue) ?? true }
    }
}
