/// Any JSON, for tests that look into documents.
enum JSONDocument: Decodable, Equatable {
    case null
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([JSONDocument])
    case map([String: JSONDocument])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONDocument].self) {
            self = .list(list)
        } else {
            self = .map(try container.decode([String: JSONDocument].self))
        }
    }

    /// As a file prints it; nil for a map, which is a directory.
    var line: String? {
        switch self {
        case .null: ""
        case .flag(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let values): values.compactMap(\.line).joined(separator: "\n")
        case .map: nil
        }
    }
}
