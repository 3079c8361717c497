import ProviderAPI
import YAMLKit

extension DraftReader {
    /// A whole YAML document (`info` of a draft): the same keys as the files, entries as maps of maps or as lists in
    /// kcli's manner (`disks: [10, {size: 20}]`, `nets: [default]`).
    func values(ofDocument text: String) throws(ProviderError) -> [String: Value] {
        let node: YAMLNode?
        do throws(YAMLError) {
            node = try YAML.parse(text)
        } catch {
            throw ProviderError(.invalidValue, "info: \(error.description)")
        }
        guard let node, !node.isNull else { return [:] }
        guard let entries = node.entries else {
            throw ProviderError(.invalidValue, "info: line \(node.line): a map of parameters is needed")
        }
        var reader = self
        reader.readsCopy = readsCopy || entries.contains { ["id", "raw_status"].contains($0.key) }
        var values: [String: Value] = [:]
        for entry in entries where !entry.value.isNull {
            let place = "info: line \(entry.line)"
            guard let parameter = try known(entry.key, at: place) else { continue }
            values[parameter.name] = try reader.value(entry.value, parameter, path: "\(place): \(entry.key)")
        }
        return values
    }

    /// The passwords of a document as files of the draft, which are not read back, and the document without them; nil
    /// where it has none.
    func splitSecrets(fromDocument text: String) throws(ProviderError) -> (secrets: [String: String], rest: String)? {
        guard let entries = (try? YAML.parse(text))?.entries else { return nil }
        var secrets: [String: String] = [:]
        var rest: [YAMLNode.Entry] = []
        for entry in entries {
            if !entry.value.isNull, let parameter = try known(entry.key), parameter.isSecret {
                secrets[parameter.name] = try scalar(entry.value, entry.key) + "\n"
            } else {
                rest.append(entry)
            }
        }
        guard !secrets.isEmpty else { return nil }
        return (secrets, rest.isEmpty ? "" : YAML.emit(.mapping(rest)))
    }

    private func known(_ name: String, at place: String) throws(ProviderError) -> Parameter? {
        do throws(ProviderError) {
            return try known(name)
        } catch {
            throw ProviderError(error.code, "\(place): \(error.message)")
        }
    }

    /// A preset of the configuration. What this provider does not take was meant for others and is passed over.
    func values(ofPreset preset: [Value.Entry]) throws(ProviderError) -> [String: Value] {
        let taken = preset.filter { Self.parameter($0.key, in: parameters) != nil }
        var reader = self
        reader.passesOver = true
        return try reader.values(ofDocument: String(decoding: Rendering.yaml(.map(taken)), as: UTF8.self))
    }

    private func value(_ node: YAMLNode, _ parameter: Parameter, path: String) throws(ProviderError) -> Value {
        switch parameter.form {
        case .entries(let fields): return .map(try entries(node, asked(fields), parameter, path: path))
        case .map:
            guard let pairs = node.entries else { throw ProviderError(.invalidValue, "\(path): a map is needed") }
            return .map(
                try pairs.map { pair throws(ProviderError) -> Value.Entry in
                    .init(pair.key, .text(try scalar(pair.value, "\(path).\(pair.key)")))
                })
        case .list:
            guard let elements = node.elements else { return Value([try scalar(node, path)]) }
            return .list(
                try elements.map { element throws(ProviderError) -> Value in .text(try line(element, path)) })
        default: return try value(try scalar(node, path), parameter, path: path)
        }
    }

    private func entries(
        _ node: YAMLNode, _ fields: [Parameter], _ parameter: Parameter, path: String
    ) throws(ProviderError) -> [Value.Entry] {
        if let named = node.entries {
            return try named.map { entry throws(ProviderError) -> Value.Entry in
                .init(entry.key, .map(try self.fields(entry.value, fields, of: parameter, "\(path).\(entry.key)")))
            }
        }
        guard let elements = node.elements else {
            throw ProviderError(.invalidValue, "\(path): a list or a map of entries is needed")
        }
        var entries: [Value.Entry] = []
        for (index, element) in elements.enumerated() {
            let short = fields.first?.name ?? ""
            let values =
                element.entries == nil
                ? try self.fields(.mapping([.init(short, element)]), fields, of: parameter, path)
                : try self.fields(element, fields, of: parameter, path)
            entries.append(.init("\(parameter.name.dropLast())\(index)", .map(values)))
        }
        return entries
    }

    private func fields(
        _ node: YAMLNode, _ fields: [Parameter], of parameter: Parameter, _ path: String
    ) throws(ProviderError) -> [Value.Entry] {
        guard let entries = node.entries else { throw ProviderError(.invalidValue, "\(path): a map is needed") }
        var values: [Value.Entry] = []
        for entry in entries where !entry.value.isNull {
            guard let field = try field(entry.key, in: fields, of: parameter, path: path) else { continue }
            values.append(.init(field.name, try value(try scalar(entry.value, path), field, path: path)))
        }
        return values
    }

    /// An element of a list: a map becomes `key=value` words.
    private func line(_ node: YAMLNode, _ path: String) throws(ProviderError) -> String {
        guard let entries = node.entries else { return try scalar(node, path) }
        return try entries.map { entry throws(ProviderError) -> String in
            let text = try scalar(entry.value, path).split(separator: "\n").joined(separator: ",")
            return "\(entry.key)=\(text)"
        }.joined(separator: " ")
    }

    private func scalar(_ node: YAMLNode, _ path: String) throws(ProviderError) -> String {
        if let bool = node.bool { return bool ? "yes" : "no" }
        if let elements = node.elements {
            // A list where one value is meant is what a file with several lines holds.
            return try elements.map { element throws(ProviderError) in try scalar(element, path) }.joined(
                separator: "\n")
        }
        guard let text = node.text else { throw ProviderError(.invalidValue, "\(path): one value is needed") }
        return text
    }
}
