/// The name that a server gives to one version of a resource (RFC 9110, 8.8.3).
public enum EntityTag {
    /// What tells versions apart: without quotes, and without the mark of one that is weak.
    public static func bare(_ text: String) -> String {
        (text.hasPrefix("W/") ? text.dropFirst(2) : text[...]).filter { $0 != "\"" }
    }
}
