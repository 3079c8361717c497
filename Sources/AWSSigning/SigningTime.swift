import HTTPKit

/// A moment as signatures write it, in UTC.
struct SigningTime: Sendable, Hashable {
    /// `20150830`.
    let date: String
    /// `20150830T123600Z`.
    let stamp: String

    /// A moment in seconds since 1970.
    init(_ seconds: Int) {
        let day = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let time = seconds - day * 86400
        let (year, month, date) = HTTPDate.calendar(day)
        self.date = Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(date, 2)
        let clock = [time / 3600, time / 60 % 60, time % 60].map { Self.padded($0, 2) }.joined()
        stamp = "\(self.date)T\(clock)Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
