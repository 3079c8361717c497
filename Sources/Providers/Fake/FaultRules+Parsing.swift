import ProviderAPI

extension FaultRules {
    /// The faults that are rules; `outside` and `calls` are no rules.
    static let names = ["latency", "error", "hang", "throttle", "garbage", "outage"]

    /// The words of errno that stand for a code.
    static let errnoWords: [String: ProviderError.Code] = [
        "enoent": .notFound, "eexist": .alreadyExists, "enokey": .credentialsMissing,
        "ekeyexpired": .credentialsExpired, "ekeyrejected": .credentialsRejected, "eacces": .forbidden,
        "eperm": .protected, "erofs": .readOnly, "einval": .invalidValue, "erange": .outOfRange, "efbig": .tooLarge,
        "ebusy": .busy, "enotempty": .notEmpty, "eopnotsupp": .unsupported, "edquot": .quotaExceeded,
        "enospc": .noSpace, "eagain": .throttled, "estale": .replaced, "etimedout": .timedOut,
        "ehostunreach": .unreachable, "eintr": .cancelled, "eisdir": .isDirectory, "enotdir": .notDirectory,
        "enametoolong": .nameTooLong, "exdev": .crossDevice, "enfile": .tooManyOpen, "eio": .failed,
    ]

    /// Sets one from its text; an empty one is off. Strict: what means nothing is `invalidValue`.
    mutating func set(_ name: String, to text: String) throws(ProviderError) {
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        .filter { !$0.isEmpty }
        switch name {
        case "latency": latency = try Self.each(lines, Self.delay).filter { $0.duration > .zero }
        case "error": errors = try Self.each(lines, Self.failure)
        case "hang":
            hang = try Self.each(lines.flatMap { $0.map { [$0] } }) { words throws(ProviderError) in
                try Self.pattern(words[0] == "yes" ? "*" : words[0])
            }
        case "throttle": throttle = try Self.throttle(lines)
        case "garbage": garbage = try Self.each(lines, Self.garbage)
        case "outage": outage = try Self.outage(lines)
        default:
            throw ProviderError(.notFound, "there is no fault \(name): there are \(Self.names.joined(separator: ", "))")
        }
    }

    /// Each as it would be written.
    func text(of name: String) -> String {
        switch name {
        case "latency":
            latency.map {
                "\($0.pattern.text) \($0.duration.components.seconds * 1000 + $0.duration.components.attoseconds / 1_000_000_000_000_000)ms"
            }
            .joined(separator: "\n")
        case "error": errors.map(\.text).joined(separator: "\n")
        case "hang": hang.map(\.text).joined(separator: "\n")
        case "throttle":
            switch throttle {
            case .count(let count): "\(count)"
            case .rate(let rate): "\(rate)/s"
            case nil: ""
            }
        case "garbage": garbage.map(\.text).joined(separator: "\n")
        default: outage ?? ""
        }
    }

    private static func each<T>(
        _ lines: [[String]], _ parse: ([String]) throws(ProviderError) -> T
    ) throws(ProviderError) -> [T] {
        var all: [T] = []
        for words in lines { all.append(try parse(words)) }
        return all
    }

    private static func delay(_ words: [String]) throws(ProviderError) -> Delay {
        guard (1...2).contains(words.count), let time = words.last.flatMap(milliseconds) else {
            throw ProviderError(.invalidValue, "latency: '\(words.joined(separator: " "))' is not [OPERATION] 200ms")
        }
        return Delay(pattern: try pattern(words.count == 2 ? words[0] : "*"), duration: .milliseconds(time))
    }

    private static func milliseconds(_ text: String) -> Int? {
        let digits = text.hasSuffix("ms") ? text.dropLast(2) : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else {
            return nil
        }
        return number <= 3_600_000 ? number : nil
    }

    private static func failure(_ words: [String]) throws(ProviderError) -> Failure {
        guard words.count >= 2 else {
            throw ProviderError(
                .invalidValue, "error: '\(words.joined(separator: " "))' is not OPERATION CODE [COUNT] [WORDS]")
        }
        let pattern = try pattern(words[0])
        for length in [3, 2, 1] where words.count > length {
            guard let code = code(words[1...length].joined()) else { continue }
            var rest = Array(words[(length + 1)...])
            let count = rest.first.flatMap { $0.utf8.allSatisfy { (48...57).contains($0) } ? Int($0) : nil }
            if count != nil { rest.removeFirst() }
            if let count, count < 1 { throw ProviderError(.invalidValue, "error: the count \(count) is less than 1") }
            return Failure(pattern: pattern, code: code, count: count, words: rest.joined(separator: " "))
        }
        throw ProviderError(
            .invalidValue, "error: '\(words[1])' is no code such as busy, not-found, unreachable or EBUSY")
    }

    /// A code by its own words, run together or with - or _ between, or by its errno word.
    static func code(_ text: String) -> ProviderError.Code? {
        func plain(_ text: String) -> String { text.lowercased().filter { !" -_".contains($0) } }
        return ProviderError.Code.allCases.first { plain($0.rawValue) == plain(text) } ?? errnoWords[text.lowercased()]
    }

    private static func pattern(_ text: String) throws(ProviderError) -> Pattern {
        let pattern = Pattern(text: text)
        let labels = Kind.allCases.map { Call(.listVMs, label: "\($0.rawValue).items") }
        let calls =
            Operation.allCases.filter { $0 != .events }.map { Call($0) } + labels + [
                Call(.hostInfo, label: "host.check")
            ]
        guard
            calls.contains(where: {
                $0.label == text || (text.hasSuffix("*") || text.hasSuffix("!")) && pattern.matches($0)
            })
        else {
            throw ProviderError(.invalidValue, "'\(text)' is no operation: see `capabilities`, or use * or vm.*")
        }
        return pattern
    }

    private static func throttle(_ lines: [[String]]) throws(ProviderError) -> Throttle? {
        guard let words = lines.first else { return nil }
        let isRate = words[0].hasSuffix("/s")
        let digits = isRate ? words[0].dropLast(2) : words[0][...]
        guard lines.count == 1, words.count == 1, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(digits)
        else {
            throw ProviderError(
                .invalidValue, "throttle: '\(words.joined(separator: " "))' is neither COUNT nor RATE/s")
        }
        if isRate { return .rate(number) }
        return number == 0 ? nil : .count(number)
    }

    private static func garbage(_ words: [String]) throws(ProviderError) -> Garbage {
        if words == ["yes"] { return Garbage(kind: nil, extent: .some) }
        let kind = Kind(rawValue: words[0])
        guard kind != nil || words[0] == "*" else {
            throw ProviderError(.invalidValue, "garbage: '\(words[0])' is neither yes, * nor a collection such as vms")
        }
        let rest = words.dropFirst().joined(separator: " ")
        switch rest {
        case "": return Garbage(kind: kind, extent: .some)
        case "reply": return Garbage(kind: kind, extent: .reply)
        default: return Garbage(kind: kind, extent: .named(rest))
        }
    }

    private static func outage(_ lines: [[String]]) throws(ProviderError) -> String? {
        guard let words = lines.first, words != ["no"] else { return nil }
        guard lines.count == 1, words[0] == "yes" else {
            throw ProviderError(.invalidValue, "outage: '\(words.joined(separator: " "))' is not yes [REASON] or no")
        }
        return words.count > 1 ? words.dropFirst().joined(separator: " ") : "an outage is rehearsed"
    }
}

extension FaultRules.Failure {
    fileprivate var text: String {
        let word = code.rawValue.split(separator: " ").joined(separator: "-")
        return ([pattern.text, word] + (count.map { ["\($0)"] } ?? []) + (words.isEmpty ? [] : [words]))
            .joined(separator: " ")
    }
}

extension FaultRules.Garbage {
    fileprivate var text: String {
        let name = kind?.rawValue ?? "*"
        switch extent {
        case .some: return name
        case .reply: return "\(name) reply"
        case .named(let entry): return "\(name) \(entry)"
        }
    }
}
