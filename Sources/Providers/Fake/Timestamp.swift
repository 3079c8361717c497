/// Seconds since 1970 as people and platforms write them.
enum Timestamp {
    /// ISO 8601, UTC, to the second. Days to dates: the proleptic Gregorian calendar, years from 1970 on.
    static func iso(_ seconds: Int) -> String {
        let days = seconds / 86400
        let time = seconds % 86400
        // Years begin in March here, so that the leap day is the last one.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let fullYear = year + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(fullYear)-\(two(month))-\(two(dayOfMonth))"
        return "\(date)T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
