import ProviderAPI

/// The faults and the counts as files of `.inject/`.
struct FaultsService: FaultService {
    let cloud: Cloud

    var faults: [Value.Entry] {
        let rules = cloud.faults.rules
        let counts = cloud.faults.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return FaultRules.names.map { name in
            let text = name == "outage" && rules.outage != nil ? "yes \(rules.text(of: name))" : rules.text(of: name)
            return Value.Entry(name, text.isEmpty ? .none : .text(text))
        } + [
            Value.Entry("outside", .none),
            Value.Entry("calls", counts.isEmpty ? .none : .text(counts.joined(separator: "\n"))),
        ]
    }

    func setFault(_ name: String, to text: String) throws(ProviderError) {
        switch name {
        case "calls": try resetCalls(text)
        case "outside": try outside(text)
        case "outage":
            let before = cloud.faults.outage
            try cloud.faults.set { (rules) throws(ProviderError) in try rules.set(name, to: text) }
            announce(before: before, after: cloud.faults.outage)
        case "garbage":
            try cloud.faults.set { (rules) throws(ProviderError) in try rules.set(name, to: text) }
            // What is known of every collection may be garbage now, or was.
            cloud.hub.publish(Kind.allCases.map { ProviderEvent(.collection($0), detail: "garbage") })
        default: try cloud.faults.set { (rules) throws(ProviderError) in try rules.set(name, to: text) }
        }
    }

    private func resetCalls(_ text: String) throws(ProviderError) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.isEmpty || words == ["0"] || words == ["reset"] else {
            throw ProviderError(.invalidValue, "calls: write 0 or reset")
        }
        cloud.faults.resetCounts()
    }

    /// What happened before the outage is told before it.
    private func announce(before: String?, after: String?) {
        cloud.settle()
        if before == nil, let after {
            cloud.hub.publish([ProviderEvent(.disconnected(reason: after), detail: "outage")])
        } else if before != nil, after == nil {
            cloud.hub.publish([ProviderEvent(.reconnected, detail: "outage over")])
        }
    }

    /// Changes that nobody asked for through a service, one a line: all lines are understood before one is done.
    private func outside(_ text: String) throws(ProviderError) {
        var changes: [OutsideChange] = []
        for line in text.split(whereSeparator: \.isNewline) where line.contains(where: { !$0.isWhitespace }) {
            changes.append(try OutsideChange(String(line)))
        }
        try cloud.change { (state) throws(ProviderError) in
            let before = state
            do throws(ProviderError) { for change in changes { try change.apply(to: &state) } } catch {
                state = before
                throw error
            }
        }
    }
}
