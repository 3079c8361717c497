/// Measurements in the text format of Prometheus (version 0.0.4): families, each with its help, its type and its samples.
public struct MetricsText: Sendable {
    /// What kind of number a family has.
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    /// The lines so far, each with its newline.
    public private(set) var text = ""

    /// Nothing yet.
    public init() {}

    /// Begins a family. `help` is one line.
    public mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a sample of the family that was begun last.
    public mutating func sample(_ name: String, _ labels: [(name: String, value: String)] = [], _ value: Int) {
        text += "\(name)\(Self.list(labels)) \(value)\n"
    }

    /// Adds a sample in seconds.
    public mutating func sample(_ name: String, _ labels: [(name: String, value: String)] = [], _ value: Duration) {
        text += "\(name)\(Self.list(labels)) \(Self.seconds(value))\n"
    }

    /// Adds the samples of a histogram: what took at most so long for each bound, the sum, and the count.
    public mutating func samples(
        _ name: String, _ labels: [(name: String, value: String)] = [], _ histogram: LatencyHistogram
    ) {
        var count = 0
        for (bound, number) in zip(LatencyHistogram.bounds, histogram.counts) {
            count += number
            sample("\(name)_bucket", labels + [("le", Self.seconds(bound))], count)
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], histogram.count)
        sample("\(name)_sum", labels, histogram.sum)
        sample("\(name)_count", labels, histogram.count)
    }

    private static func list(_ labels: [(name: String, value: String)]) -> String {
        labels.isEmpty ? "" : "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Seconds to the microsecond.
    private static func seconds(_ duration: Duration) -> String {
        let (whole, atto) = duration.components
        let digits = String(atto / 1_000_000_000_000)
        let fraction = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return "\(whole).\(fraction)"
    }
}

/// How often something took how long.
public struct LatencyHistogram: Sendable, Hashable {
    /// The upper bounds that durations are counted by.
    public static let bounds: [Duration] = [
        .microseconds(100), .milliseconds(1), .milliseconds(10), .milliseconds(100), .seconds(1), .seconds(10),
    ]

    /// How many fell below each bound and above the one before.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count)
    /// How many there were, those above the last bound included.
    public private(set) var count = 0
    /// How long all took together.
    public private(set) var sum = Duration.zero

    /// Nothing yet.
    public init() {}

    /// Adds one.
    public mutating func add(_ duration: Duration) {
        count += 1
        sum += duration
        guard let place = Self.bounds.firstIndex(where: { duration <= $0 }) else { return }
        counts[place] += 1
    }
}
