import YAMLKit

/// What the readers of both formats do with a file.
enum ConfigurationFile {
    /// Opens one that nobody else can change.
    static func open(_ path: String) throws(ConfigurationError) -> PrivateFile {
        do throws(ValueError) {
            let file = try PrivateFile(path)
            try file.requireUnwritableByOthers()
            return file
        } catch {
            throw ConfigurationError(error.message, file: path)
        }
    }

    /// The mapping that its document is.
    static func mapping(_ file: PrivateFile) throws(ConfigurationError) -> [YAMLNode.Entry] {
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAML.parse(file.text)
        } catch {
            throw ConfigurationError(error.message, file: file.path, line: error.line)
        }
        guard let root else {
            throw ConfigurationError("is empty: infrafs.yaml(5) tells what to write", file: file.path)
        }
        guard let entries = root.entries else {
            throw ConfigurationError("must be a mapping, not \(root.kindName)", file: file.path, line: root.line)
        }
        return entries
    }

    /// A problem where others can read it.
    static func requirePrivate(_ file: PrivateFile, _ problems: inout Problems) {
        do throws(ValueError) {
            try file.requireUnreadableByOthers()
        } catch {
            problems.add(error.message)
        }
    }

    /// The directory of a file.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
