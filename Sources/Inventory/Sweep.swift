/// A reader who goes from one resource to the next in order of name, as `cat vms/*/info` does: what it will ask for is read
/// together with what it asks for, in windows that grow while it goes on.
struct Sweep: Sendable {
    /// The longest window: this many, or a quarter of what there is, since one call for many may cost something for each
    /// of all.
    static let limit = 256
    /// A window that takes longer is too long: what others ask for waits behind it.
    static let patience = Duration.seconds(1)

    /// The last window, by positions in the order of names; nil before the first.
    private var last: Range<Int>?
    private var size = 1

    /// The positions to read when the one at `position` of so many is asked for. Some shells go backwards.
    mutating func window(at position: Int, of count: Int) -> Range<Int> {
        // Some that are known already may lie between.
        let isForward = last.map { ($0.upperBound...$0.upperBound + size).contains(position) } ?? false
        let isBackward = last.map { ($0.lowerBound - 1 - size..<$0.lowerBound).contains(position) } ?? false
        size = isForward || isBackward ? min(size * 8, max(Self.limit, count / 4)) : 1
        let window = isBackward ? max(0, position + 1 - size)..<position + 1 : position..<min(position + size, count)
        last = window
        return window
    }

    /// Notes how long a window took.
    mutating func ended(after duration: Duration) {
        if duration > Self.patience { size = max(1, size / 16) }
    }
}
