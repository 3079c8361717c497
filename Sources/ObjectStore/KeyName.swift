/// How one component of a key (what is between two `/`) is written as names of a directory, and back.
///
/// | in the key | as a name |
/// | --- | --- |
/// | nothing (`a//b`, a leading or a trailing `/`) | `%2F` |
/// | `.` and `..` | `%2E` and `%2E.` |
/// | a control character | `%` and two upper-case hexadecimal digits |
/// | an object that shares its name with a directory | its name and `%file`; the directory keeps the name |
/// | more than 255 bytes | directories, each name ending in `%+`, then the rest |
/// | `%` where one of these forms would be read | `%25` |
///
/// Every other byte stays as it is (`100%`, `a%41`, a leading dot). The mapping is one to one: `decode` gives nothing
/// for a name that `names` does not make.
enum KeyName {
    /// Ends the name of an object that shares it with a directory.
    static let fileSuffix = "%file"
    /// Ends a name that goes on in the next directory.
    static let continuationSuffix = "%+"

    /// How the last bytes of a name are to be read.
    enum Ending: Equatable {
        case none, file, continued
    }

    /// The names of one component: one, or more where it is too long for one.
    static func names(of component: String, besideDirectory: Bool) -> [String] {
        let suffix = besideDirectory ? fileSuffix : ""
        let whole = escape(component) + suffix
        if whole.utf8.count <= Limits.name { return [whole] }
        let pieces = split(component)
        return pieces.enumerated().map { index, piece in
            escape(piece) + (index == pieces.count - 1 ? suffix : continuationSuffix)
        }
    }

    /// The part of a component that a name stands for, and how it ends.
    static func parse(_ name: String) -> (piece: String, ending: Ending) {
        var bytes = Array(name.utf8)
        var ending = Ending.none
        if bytes.ends(with: fileSuffix) {
            ending = .file
            bytes.removeLast(fileSuffix.utf8.count)
        } else if bytes.ends(with: continuationSuffix) {
            ending = .continued
            bytes.removeLast(continuationSuffix.utf8.count)
        }
        return (unescape(bytes), ending)
    }

    /// The parts of a component that is too long: each fits in a name with its suffix, whatever has to be escaped.
    static func split(_ component: String) -> [String] {
        let room = Limits.name - fileSuffix.utf8.count - 2
        var pieces: [String] = []
        var piece = "".unicodeScalars
        var used = 0
        for scalar in component.unicodeScalars {
            let bytes = isEscaped(scalar) ? 3 : UTF8.width(scalar)
            if used + bytes > room {
                pieces.append(String(piece))
                (piece, used) = ("".unicodeScalars, 0)
            }
            piece.append(scalar)
            used += bytes
        }
        pieces.append(String(piece))
        return pieces
    }

    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "%" || scalar == "." || scalar.value < 0x20 || scalar.value == 0x7F
    }

    /// The name of a piece, without a suffix.
    static func escape(_ piece: String) -> String {
        switch piece {
        case "": return "%2F"
        case ".": return "%2E"
        case "..": return "%2E."
        default: break
        }
        let bytes = Array(piece.utf8)
        var name: [UInt8] = []
        name.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if isControl(byte) {
                name += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 15)]
            } else {
                name.append(byte)
                if byte == UInt8(ascii: "%"), form(in: bytes, at: index) != nil { name += Array("25".utf8) }
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func unescape(_ bytes: [UInt8]) -> String {
        switch bytes {
        case Array("%2F".utf8): return ""
        case Array("%2E".utf8): return "."
        case Array("%2E.".utf8): return ".."
        default: break
        }
        var piece: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let found = bytes[index] == UInt8(ascii: "%") ? form(in: bytes, at: index) : nil
            switch found {
            case .control(let byte)?:
                piece.append(byte)
                index += 3
            case .quoted?:
                piece.append(bytes[index])
                index += 3
            case .literal?, nil:
                piece.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: piece, as: UTF8.self)
    }

    /// What stands at a `%`: an escape, an escape quoted by one `25` or more, or a form that is only special as it is.
    private enum Form {
        case control(UInt8), quoted, literal
    }

    private static func form(in bytes: [UInt8], at start: Int) -> Form? {
        var rest = bytes[(start + 1)...]
        var quotes = 0
        while rest.starts(with: "25".utf8) {
            rest = rest.dropFirst(2)
            quotes += 1
        }
        if let control = control(rest) { return quotes == 0 ? .control(control) : .quoted }
        let isEnding = rest.elementsEqual("file".utf8) || rest.elementsEqual("+".utf8)
        let isWhole = start == 0 && ["2F", "2E", "2E."].contains { rest.elementsEqual($0.utf8) }
        guard isEnding || isWhole else { return nil }
        return quotes == 0 ? .literal : .quoted
    }

    /// The control character that two upper-case digits stand for.
    private static func control(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count >= 2, let high = value(digits[digits.startIndex]),
            let low = value(digits[digits.startIndex + 1])
        else { return nil }
        let byte = high << 4 | low
        return isControl(byte) ? byte : nil
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String) -> Bool {
        count >= suffix.utf8.count && self[(count - suffix.utf8.count)...].elementsEqual(suffix.utf8)
    }
}
