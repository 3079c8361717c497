public import ProviderAPI

/// What the program is told to mount, checked: every value in it is possible, every secret is resolved.
public struct Configuration: Sendable {
    /// The providers, in the order of the file.
    public var providers: [ProviderEntry]
    /// How to mount.
    public var mount: MountSettings
    /// Presets for creation from kcli's `profiles.yml`, the values of their bases merged in; empty without one.
    public var profiles: [String: [String: Value]]
    /// What was passed over in reading, one line each: clients of kcli that this program has no provider for.
    public var notes: [String]
    /// The file it was read from; nil where there was none.
    public var source: String?

    /// A configuration.
    public init(
        providers: [ProviderEntry], mount: MountSettings = MountSettings(), profiles: [String: [String: Value]] = [:],
        notes: [String] = [], source: String? = nil
    ) {
        self.providers = providers
        self.mount = mount
        self.profiles = profiles
        self.notes = notes
        self.source = source
    }

    /// The configuration of a demonstration: one provider of a simulated cloud, called `demo`.
    public static func demo(_ registration: ProviderRegistration) -> Configuration {
        let settings = ProviderSettings(name: "demo")
        return Configuration(providers: [ProviderEntry(registration: registration, settings: settings)])
    }

    /// Reads the configuration: the file at `path`; else `$XDG_CONFIG_HOME/infrafs/config.yaml` (`~/.config`); else
    /// kcli's own, `$KCLI_CONFIG` or `~/.kcli/config.yml`; else, where a libvirt daemon listens, one provider `local`.
    ///
    /// Secrets are fetched: files are read and commands run, each for ten seconds at most. Throws every problem that was
    /// found, each with file and line.
    public static func load(
        path: String?, environment: [String: String], registrations: [ProviderRegistration],
        sockets: [String] = ConfigurationSource.libvirtSockets
    ) throws(ConfigurationError) -> Configuration {
        let source = try ConfigurationSource.find(path: path, environment: environment, sockets: sockets)
        let context = ReadingContext(environment: environment, registrations: registrations)
        switch source {
        case .native(let path): return try NativeReader.read(path, context: context)
        case .kcli(let path): return try KcliReader.read(path, context: context)
        case .libvirt: return try local(context: context)
        }
    }

    private static func local(context: ReadingContext) throws(ConfigurationError) -> Configuration {
        guard let registration = context.registration(of: "kvm") else {
            throw ConfigurationError("no configuration, and no provider of type kvm for the local libvirt daemon")
        }
        let entry = ProviderEntry(registration: registration, settings: ProviderSettings(name: "local"))
        return Configuration(
            providers: [entry], notes: ["no configuration file: using the libvirt daemon of this machine as 'local'"])
    }
}

/// One provider of the configuration.
public struct ProviderEntry: Sendable {
    /// Its type.
    public var registration: ProviderRegistration
    /// The options of its type.
    public var settings: ProviderSettings
    /// The options that every type has.
    public var common: CommonSettings
    /// Parameters of creation that hold where nothing else says otherwise: what kcli's default and client sections
    /// hold beside the options of the type.
    public var defaults: [String: Value]
    /// Options whose values came from a file of secrets, though their type calls them plain.
    var hidden: Set<String> = []

    /// A provider.
    public init(
        registration: ProviderRegistration, settings: ProviderSettings, common: CommonSettings = CommonSettings(),
        defaults: [String: Value] = [:]
    ) {
        self.registration = registration
        self.settings = settings
        self.common = common
        self.defaults = defaults
    }

    /// Its name in the tree.
    public var name: String { settings.name }
}
