import Foundation

/// What has to hold of a figure.
enum Goal: Sendable {
    /// At most this.
    case atMost(Double)
    /// At least this.
    case atLeast(Double)

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }

    func text(_ unit: String) -> String {
        switch self {
        case .atMost(let limit): "≤ \(figure(limit))\(unit)"
        case .atLeast(let limit): "≥ \(figure(limit))\(unit)"
        }
    }
}

/// The table, a row printed as soon as it is known.
struct Report {
    private var isBegun = false

    /// A comparison: both sides, and the ratio of subject to yardstick.
    mutating func compare(_ what: String, with yardstick: String, _ pairing: Pairing, goal: Goal? = nil) {
        row(
            what, duration(pairing.subject.median), "\(yardstick): \(duration(pairing.yardstick.median))",
            pairing.ratio,
            "x", goal)
    }

    /// A comparison told the other way round: how many times faster the subject is.
    mutating func speedUp(_ what: String, over yardstick: String, _ pairing: Pairing, goal: Goal? = nil) {
        let ratio = Sample(values: pairing.ratio.values.map { 1 / $0 })
        row(
            what, duration(pairing.subject.median), "\(yardstick): \(duration(pairing.yardstick.median))", ratio,
            "x faster", goal)
    }

    /// A figure that stands by itself.
    mutating func tell(_ what: String, _ sample: Sample, _ unit: String, goal: Goal? = nil) {
        row(what, figure(sample.median) + unit, "", sample, unit, goal)
    }

    private mutating func row(
        _ what: String, _ subject: String, _ yardstick: String, _ sample: Sample, _ unit: String, _ goal: Goal?
    ) {
        if !isBegun {
            write("| what | infrafs | yardstick | figure (least to most) | goal | |")
            write("|---|---|---|---|---|---|")
            isBegun = true
        }
        let spread = sample.values.count > 1 ? " (\(figure(sample.minimum)) to \(figure(sample.maximum)))" : ""
        let verdict = goal.map { $0.isMet(by: sample.median) ? "met" : "**missed**" } ?? ""
        write(
            "| \(what) | \(subject) | \(yardstick) | \(figure(sample.median))\(unit)\(spread) "
                + "| \(goal?.text(unit) ?? "") | \(verdict) |")
    }

    /// Unbuffered: rows come as they are known, also into a pipe.
    private func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

/// Seconds as people read them.
func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.001: "\(figure(seconds * 1_000_000)) µs"
    case ..<1: "\(figure(seconds * 1000)) ms"
    default: "\(figure(seconds)) s"
    }
}

/// Three figures that count.
func figure(_ value: Double) -> String {
    switch value.magnitude {
    case 100...: String(format: "%.0f", value)
    case 10...: String(format: "%.1f", value)
    default: String(format: "%.2f", value)
    }
}
