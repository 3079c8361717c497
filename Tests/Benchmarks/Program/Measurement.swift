/// Several values of one thing, in the order they were measured.
struct Sample: Sendable {
    /// The values.
    let values: [Double]

    var median: Double {
        let sorted = values.sorted()
        guard let middle = sorted.indices.middle else { return .nan }
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
    var minimum: Double { values.min() ?? .nan }
    var maximum: Double { values.max() ?? .nan }
}

extension Range<Int> {
    fileprivate var middle: Int? { isEmpty ? nil : lowerBound + count / 2 }
}

/// Two things measured in turn, A B A B: their ratio is taken pair by pair, so that a machine whose speed drifts, or that
/// has other work, does not decide it.
struct Pairing: Sendable {
    /// Seconds of what is judged.
    let subject: Sample
    /// Seconds of what it is judged by.
    let yardstick: Sample

    /// The ratios of the pairs.
    var ratio: Sample { Sample(values: zip(subject.values, yardstick.values).map { $0 / $1 }) }

    /// What was measured already.
    init(subject: Sample, yardstick: Sample) {
        self.subject = subject
        self.yardstick = yardstick
    }

    /// Measures both, `rounds` times each, after one round that is not counted. What comes first changes from round to
    /// round.
    init(
        rounds: Int, warmUp: Bool = true, _ subject: () throws -> Double, against yardstick: () throws -> Double
    ) rethrows {
        if warmUp { _ = (try subject(), try yardstick()) }
        var (subjects, yardsticks) = ([Double](), [Double]())
        for round in 0..<rounds {
            if round % 2 == 0 {
                subjects.append(try subject())
                yardsticks.append(try yardstick())
            } else {
                yardsticks.append(try yardstick())
                subjects.append(try subject())
            }
        }
        self.subject = Sample(values: subjects)
        self.yardstick = Sample(values: yardsticks)
    }
}

/// How long a piece of work takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    return try clock.measure(body) / .seconds(1)
}

/// Why a measurement could not be made.
struct BenchmarkError: Error, CustomStringConvertible {
    /// In words.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
