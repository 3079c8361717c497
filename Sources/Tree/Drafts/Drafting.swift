import Inventory
import ProviderAPI
import YAMLKit

/// Drafts and profiles read as parameters of creation.
struct Drafting {
    private let drafts: DraftStore

    init(_ scope: Scope) {
        drafts = scope.drafts
    }

    static let profiles = "profiles"
    private static let defaultProfile = "default"

    /// What a draft comes to: its own values first, then its profile's. `invalidValue` names the file that cannot be;
    /// `unsupported` the one that this provider cannot honour.
    func specification(
        _ name: String, _ draft: DraftStore.Draft?, parameters: [Parameter], kind: Kind, facts: Set<String>
    ) throws(ProviderError) -> Specification {
        var reader = DraftReader(parameters: parameters, facts: facts)
        reader.readsCopy = draft?.isCopy == true
        var values = try draft.map { draft throws(ProviderError) in try reader.values(of: draft) } ?? [:]
        if kind == .vms {
            let named = values["profile"]?.plainText
            let profile = drafts.draft(named ?? Self.defaultProfile, on: Self.profiles)
            let preset = drafts.presets[named ?? Self.defaultProfile]
            if let named, profile == nil, preset == nil, draft?.files["info"] == nil, draft?.isCopy != true {
                throw ProviderError(.invalidValue, "there is no profile '\(Parsing.shown(named))' in profiles/")
            }
            if let profile {
                for (key, value) in try reader.values(of: profile) where values[key] == nil { values[key] = value }
            } else if let preset {
                for (key, value) in try reader.values(ofPreset: preset) where values[key] == nil { values[key] = value }
            }
        }
        return Specification(name: name, values: values)
    }
}

extension DraftStore.Draft {
    /// Whether it is the copy of a resource: what no parameter is called, and the profile it once came from, need not be
    /// here.
    var isCopy: Bool { files["id"] != nil || files["raw_status"] != nil }
}

/// Reads the files of a draft by what a provider takes.
struct DraftReader {
    let parameters: [Parameter]
    let facts: Set<String>
    /// Whether fields of entries that are neither are passed over, not refused.
    var passesOver = false
    /// Whether what is read is the copy of a resource: what it tells of what came to be is not asked for again.
    var readsCopy = false

    /// The fields of an entry that are read as parameters.
    func asked(_ fields: [Parameter]) -> [Parameter] { readsCopy ? fields.filter { !$0.isObserved } : fields }

    /// The parameter of that name or alias.
    static func parameter(_ name: String, in parameters: [Parameter]) -> Parameter? {
        parameters.first { $0.name == name } ?? parameters.first { $0.aliases.contains(name) }
    }

    /// All values that were set. Empty files and facts that cannot be set are passed over.
    func values(of draft: DraftStore.Draft) throws(ProviderError) -> [String: Value] {
        var values: [String: Value] = [:]
        if let document = draft.files["info"]?.text, !document.isEmpty {
            values = try self.values(ofDocument: document)
        }
        let names = draft.names(below: "")
        for file in names.files where file != "info" {
            guard let text = draft.files[file]?.text, !text.isEmpty else { continue }
            guard let parameter = try known(file) else { continue }
            values[parameter.name] = try value(text, parameter, path: file)
        }
        for directory in names.directories {
            guard let parameter = try known(directory) else { continue }
            let value = try value(below: directory, parameter, draft)
            if value != .map([]) { values[parameter.name] = value }
        }
        if values["start"] == nil, Self.parameter("start", in: parameters) != nil,
            let status = draft.files["status"]?.text.split(whereSeparator: \.isNewline).first
        {
            values["start"] = .flag(status == "up" || status == "starting")
        }
        return values
    }

    /// The parameter of a name; nil for a fact. `invalidValue` for a name that is neither.
    func known(_ name: String) throws(ProviderError) -> Parameter? {
        if let parameter = Self.parameter(name, in: parameters) { return parameter }
        if facts.contains(name) { return nil }
        if Self.parameter(name, in: StandardParameters.vm) != nil || name == "flavor" || name == "iso" {
            throw ProviderError(.unsupported, "this provider cannot honour \(name): remove it from the draft")
        }
        let known = parameters.map(\.name).sorted().joined(separator: ", ")
        throw ProviderError(.invalidValue, "there is no parameter '\(Parsing.shown(name))'; there are: \(known)")
    }

    /// One file's text as a value.
    func value(_ text: String, _ parameter: Parameter, path: String) throws(ProviderError) -> Value {
        do throws(ProviderError) {
            switch parameter.form {
            case .text: return .text(try Parsing.text(Array(text.utf8)))
            case .number: return .number(try Parsing.number(try Parsing.line(Array(text.utf8))))
            case .mebibytes: return .number(try Parsing.mebibytes(try Parsing.line(Array(text.utf8))))
            case .gibibytes: return .number(try Parsing.gibibytes(try Parsing.line(Array(text.utf8))))
            case .flag: return .flag(try Parsing.flag(try Parsing.line(Array(text.utf8))))
            case .list: return Value(Parsing.lines(text))
            case .choice(let words):
                let word = try Parsing.line(Array(text.utf8))
                guard words.contains(word) else {
                    throw ProviderError(.invalidValue, "write one of \(words.joined(separator: ", "))")
                }
                return .text(word)
            case .entries, .map:
                throw ProviderError(.invalidValue, "it is a directory: make one entry a directory in it")
            }
        } catch {
            throw ProviderError(error.code, "\(path): \(error.message)")
        }
    }

    private func value(
        below directory: String, _ parameter: Parameter, _ draft: DraftStore.Draft
    ) throws(ProviderError) -> Value {
        switch parameter.form {
        case .map:
            return .map(
                try draft.names(below: directory).files.map { name throws(ProviderError) -> Value.Entry in
                    let text = draft.files["\(directory)/\(name)"]?.text ?? ""
                    return .init(EntryName.decode(name) ?? name, .text(try Parsing.text(Array(text.utf8))))
                })
        case .entries(let fields):
            var entries: [Value.Entry] = []
            for name in draft.names(below: directory).directories {
                let fields = try entry("\(directory)/\(name)", asked(fields), of: parameter, draft)
                if fields["type"] == .text("cdrom") { continue }
                let sorted = fields.filter { $0.key != "type" || $0.value != .text("disk") }.sorted { $0.key < $1.key }
                entries.append(.init(EntryName.decode(name) ?? name, .map(sorted.map { .init($0.key, $0.value) })))
            }
            return .map(entries)
        default:
            throw ProviderError(.invalidValue, "\(directory) is a file, not a directory")
        }
    }

    /// The parameter of a field of an entry; nil for a fact. `invalidValue` for a name that is neither.
    func field(
        _ name: String, in fields: [Parameter], of parameter: Parameter, path: String
    ) throws(ProviderError) -> Parameter? {
        if let field = Self.parameter(name, in: fields) { return field }
        if passesOver || facts.contains("\(parameter.name)/\(name)") { return nil }
        let known = fields.map(\.name).sorted().joined(separator: ", ")
        throw ProviderError(.invalidValue, "\(path): there is no '\(Parsing.shown(name))' in it; there are: \(known)")
    }

    /// Refuses a file that no draft can have, by its path below the draft.
    func permit(_ path: String) throws(ProviderError) {
        let names = path.split(separator: "/").map(String.init)
        guard let top = names.first, path != "info", let parameter = try known(top) else { return }
        guard names.count == 3, case .entries(let fields) = parameter.form else { return }
        _ = try field(names[2], in: fields, of: parameter, path: path)
    }

    private func entry(
        _ path: String, _ fields: [Parameter], of parameter: Parameter, _ draft: DraftStore.Draft
    ) throws(ProviderError) -> [String: Value] {
        var values: [String: Value] = [:]
        for name in draft.names(below: path).files {
            guard let text = draft.files["\(path)/\(name)"]?.text, !text.isEmpty,
                let field = try field(name, in: fields, of: parameter, path: path)
            else { continue }
            values[field.name] = try value(text, field, path: "\(path)/\(name)")
        }
        return values
    }
}
