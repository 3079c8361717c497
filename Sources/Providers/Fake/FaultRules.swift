import ProviderAPI

/// The faults that can be set, parsed.
struct FaultRules: Sendable {
    /// Which calls a rule is for: an operation, `vm.*`, `*`, or `vm.list!` for calls of exactly that name.
    struct Pattern: Sendable, Hashable {
        let text: String

        func matches(_ call: Call) -> Bool {
            if text.hasSuffix("!") { return call.label == text.dropLast() }
            if text == "*" || text == call.operation.rawValue || text == call.label { return true }
            guard text.hasSuffix(".*") else { return false }
            return call.operation.rawValue.hasPrefix(text.dropLast()) || call.label.hasPrefix(text.dropLast())
        }
    }

    struct Delay: Sendable {
        var pattern: Pattern
        var duration: Duration
    }

    struct Failure: Sendable {
        var pattern: Pattern
        var code: ProviderError.Code
        /// How many calls more; nil: all.
        var count: Int?
        var words: String
    }

    enum Throttle: Sendable {
        /// So many calls more are refused.
        case count(Int)
        /// So many calls a second are let through.
        case rate(Int)
    }

    /// Which entries of a listing are garbage.
    struct Garbage: Sendable {
        enum Extent: Sendable, Hashable {
            case some, reply
            case named(String)
        }

        /// nil: every kind.
        var kind: Kind?
        var extent: Extent
    }

    var latency: [Delay] = []
    var errors: [Failure] = []
    var hang: [Pattern] = []
    var throttle: Throttle?
    var garbage: [Garbage] = []
    var outage: String?
    private var windowStart: Duration = .zero
    private var windowCalls = 0

    /// The error that a call gets, if any; what is counted is counted down.
    mutating func failure(of call: Call, now: Duration) -> ProviderError? {
        if let outage { return ProviderError(.unreachable, "the simulated cloud cannot be reached: \(outage)") }
        if let throttled = throttled(call, now: now) { return throttled }
        guard let place = errors.firstIndex(where: { $0.pattern.matches(call) }) else { return nil }
        let failure = errors[place]
        if let count = failure.count {
            if count <= 1 { errors.remove(at: place) } else { errors[place].count = count - 1 }
        }
        let words = failure.words.isEmpty ? "\(call.label) fails as asked in .inject/error" : failure.words
        return ProviderError(failure.code, words, cause: "injected: \(failure.code.rawValue)")
    }

    private mutating func throttled(_ call: Call, now: Duration) -> ProviderError? {
        let message = "the simulated cloud asks to slow down (\(call.label)): see .inject/throttle"
        switch throttle {
        case nil: return nil
        case .count(let count):
            throttle = count > 1 ? .count(count - 1) : nil
            return ProviderError(.throttled, message, retryAfter: .milliseconds(100))
        case .rate(let rate):
            if now - windowStart >= .seconds(1) {
                windowStart = now
                windowCalls = 0
            }
            windowCalls += 1
            guard windowCalls > rate else { return nil }
            return ProviderError(.throttled, message, retryAfter: windowStart + .seconds(1) - now)
        }
    }

    /// What the garbage fault does to a listing of a kind.
    func garbage(in kind: Kind) -> [Garbage.Extent] {
        garbage.filter { $0.kind == nil || $0.kind == kind }.map(\.extent)
    }
}

/// A resource that the garbage fault can spoil.
protocol Spoilable: Resource {
    mutating func spoil(_ reason: String)
}

extension Cloud {
    /// A listing as the garbage fault makes it: some entries odd, or no sense at all.
    func garbled<Item: Spoilable>(_ items: [Item]) throws(ProviderError) -> [Item] {
        let extents = faults.rules.garbage(in: Item.kind)
        guard !extents.isEmpty else { return items }
        if extents.contains(.reply) {
            throw ProviderError(
                .malformedReply, "the listing of \(Item.kind.rawValue) makes no sense: see .inject/garbage")
        }
        return items.map { item in
            let isOdd = extents.contains { extent in
                switch extent {
                case .some: CloudState.seed(of: item.id.rawValue) % 3 == 0
                case .named(let name): item.name == name || item.id.rawValue == name
                case .reply: false
                }
            }
            var item = item
            if isOdd { item.spoil("the simulated cloud tells garbage of it: see .inject/garbage") }
            return item
        }
    }
}

extension VirtualMachine: Spoilable {
    mutating func spoil(_ reason: String) {
        self = VirtualMachine(id: id, name: name, status: .unknown, rawStatus: "?", isComplete: isComplete)
        fault = reason
    }
}

extension Disk: Spoilable {
    mutating func spoil(_ reason: String) { (fault, size, capacity, format) = (reason, nil, nil, nil) }
}
extension Pool: Spoilable {
    mutating func spoil(_ reason: String) { (fault, capacity, available) = (reason, nil, nil) }
}
extension Network: Spoilable { mutating func spoil(_ reason: String) { (fault, cidr, dhcp) = (reason, nil, nil) } }
extension Subnet: Spoilable { mutating func spoil(_ reason: String) { (fault, cidr, gateway) = (reason, nil, nil) } }
extension Image: Spoilable { mutating func spoil(_ reason: String) { (fault, size, status) = (reason, nil, nil) } }
extension ISO: Spoilable { mutating func spoil(_ reason: String) { (fault, size, status) = (reason, nil, nil) } }
extension Flavor: Spoilable { mutating func spoil(_ reason: String) { (fault, cpus, memory) = (reason, nil, nil) } }
extension Bucket: Spoilable { mutating func spoil(_ reason: String) { (fault, creationTime) = (reason, nil) } }
extension SecurityGroup: Spoilable { mutating func spoil(_ reason: String) { (fault, rules) = (reason, []) } }
extension DNSZone: Spoilable { mutating func spoil(_ reason: String) { (fault, records) = (reason, []) } }
