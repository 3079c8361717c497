/// What a person probably meant by a word that is not known.
public enum Suggestion {
    /// The nearest of the known words, if it is near enough to be a slip: a third of its letters, two at least.
    public static func nearest(to word: String, among known: [String]) -> String? {
        let scored = known.sorted().map { ($0, distance(word, $0)) }
        guard let best = scored.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(2, best.0.count / 3) && best.1 < best.0.count ? best.0 : nil
    }

    /// `: did you mean 'NEAREST'?`, or the whole list where nothing is near.
    public static func hint(for word: String, among known: [String]) -> String {
        if let nearest = nearest(to: word, among: known) { return ": did you mean '\(nearest)'?" }
        return ": one of \(known.sorted().joined(separator: ", "))"
    }

    /// Edits, a swap of neighbours counted as one (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let change = previous[column] + (letter == other ? 0 : 1)
                var cost = min(change, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            (before, previous) = (previous, current)
        }
        return previous.last ?? 0
    }
}
