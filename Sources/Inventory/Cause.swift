import ProviderAPI

/// What the platform said about a change: its words, the attributes it named, and whether it was somebody else's.
struct Cause: Sendable {
    var detail: String
    var attributes: [String] = []
    var isOfOthers = false

    static let none = Cause(detail: "")

    /// The same, after one of the same resource that nobody has looked at yet.
    func following(_ last: Cause?) -> Cause {
        Cause(
            detail: detail, attributes: (last?.attributes ?? []) + attributes,
            isOfOthers: isOfOthers || last?.isOfOthers ?? false)
    }
}

extension Cause {
    init(_ event: ProviderEvent) {
        self.init(detail: event.detail, attributes: event.attributes, isOfOthers: event.isOfOthers)
    }
}
