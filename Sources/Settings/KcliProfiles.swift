import Glibc
import ProviderAPI
import YAMLKit

/// kcli's `profiles.yml`: presets for creation, each on top of its `base`.
struct KcliProfiles {
    /// The presets, with the values of their bases.
    private(set) var merged: [String: [String: Value]] = [:]
    /// What was passed over.
    private(set) var notes: [String] = []
    private let path: String
    private let sections: [YAMLNode.Entry]

    /// Reads those of a directory; none where it has no such file.
    static func read(directory: String) throws(ConfigurationError) -> KcliProfiles {
        let path = "\(directory)/profiles.yml"
        guard access(path, F_OK) == 0 else { return KcliProfiles(path: path, sections: []) }
        let file = try ConfigurationFile.open(path)
        return KcliProfiles(path: path, sections: try ConfigurationFile.mapping(file))
    }

    private init(path: String, sections: [YAMLNode.Entry]) {
        self.path = path
        self.sections = sections
        for section in sections {
            do throws(ValueError) {
                merged[section.key] = try values(of: section, below: [])
            } catch {
                notes.append("\(path):\(section.line): profile '\(section.key)' \(error.message): passed over")
            }
        }
    }

    private func values(of section: YAMLNode.Entry, below: [String]) throws(ValueError) -> [String: Value] {
        guard let entries = section.value.entries else { throw ValueError("is no mapping") }
        if let type = section.value["type"]?.text, type != "vm" { throw ValueError("is of type '\(type)'") }
        guard !below.contains(section.key) else { throw ValueError("is its own base") }
        var values: [String: Value] = [:]
        if let name = section.value["base"]?.text {
            guard let base = sections.first(where: { $0.key == name }) else {
                throw ValueError("has the base '\(name)', which is not there")
            }
            values = try self.values(of: base, below: below + [section.key])
        }
        for entry in entries where entry.key != "base" && entry.key != "type" {
            values[entry.key] = entry.value.asValue
        }
        return values
    }
}
