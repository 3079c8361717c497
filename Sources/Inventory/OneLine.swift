/// A text as it stands on one line of a log: its lines are joined by `; `, and what else would steer a terminal is written
/// as in names (`%1B`). What a platform or a caller chose cannot begin a line of its own.
public func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    let joined = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    return percentEncodingControls(joined)
}

/// A path as it stands on one line of a log: every control character is written as in names, also a line's end.
public func loggedPath(_ path: String) -> String {
    guard path.unicodeScalars.contains(where: isControl) else { return path }
    return percentEncodingControls(path)
}

private func percentEncodingControls(_ text: String) -> String {
    var encoded = ""
    for scalar in text.unicodeScalars {
        if isControl(scalar) {
            for byte in String(scalar).utf8 { encoded += EntryName.percent(byte) }
        } else {
            encoded.unicodeScalars.append(scalar)
        }
    }
    return encoded
}

/// Also what ends a line or a paragraph, which names may have.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    EntryName.isControl(scalar) || scalar.value == 0x2028 || scalar.value == 0x2029
}
