import Settings

/// Reads the configuration for a command.
enum ConfigurationLoading {
    /// The configuration of a path, or the one that is found; its errors are told one a line.
    static func load(_ path: String?) throws(Failure) -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration.load(
                path: path, environment: Standard.environment, registrations: allProviders)
        } catch {
            let lines = error.problems.map(\.description)
            throw Failure(.configuration, lines.joined(separator: "\ninfrafs: "))
        }
    }
}
