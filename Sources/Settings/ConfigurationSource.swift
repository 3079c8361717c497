import Glibc

/// Where the configuration is.
public enum ConfigurationSource: Sendable, Hashable {
    /// A file in this program's own format.
    case native(String)
    /// A file of kcli's.
    case kcli(String)
    /// No file: the libvirt daemon of this machine.
    case libvirt

    /// Where libvirt's daemons listen: the monolithic one, and the one for QEMU alone.
    public static let libvirtSockets = ["/var/run/libvirt/libvirt-sock", "/var/run/libvirt/virtqemud-sock"]

    /// Finds it, in the order that ``Configuration/load(path:environment:registrations:sockets:)`` tells.
    static func find(
        path: String?, environment: [String: String], sockets: [String]
    ) throws(ConfigurationError) -> ConfigurationSource {
        let home = home(environment)
        if let path { return isKcli(path, environment: environment) ? .kcli(path) : .native(path) }
        let directory = nonEmpty(environment["XDG_CONFIG_HOME"]) ?? "\(home)/.config"
        let native = "\(directory)/infrafs/config.yaml"
        if exists(native) { return .native(native) }
        if let named = nonEmpty(environment["KCLI_CONFIG"]) { return .kcli(expand(named, home: home)) }
        for name in ["config.yml", "config.yaml"] where exists("\(home)/.kcli/\(name)") {
            return .kcli("\(home)/.kcli/\(name)")
        }
        if sockets.contains(where: { access($0, R_OK | W_OK) == 0 }) { return .libvirt }
        throw ConfigurationError(
            "no configuration: write \(native) (infrafs.yaml(5) tells how), or try 'infrafs mount --demo MOUNTPOINT'")
    }

    /// The home directory, without a slash at its end.
    static func home(_ environment: [String: String]) -> String {
        if let home = nonEmpty(environment["HOME"]) { return home }
        // mount(8) may call with an empty environment.
        guard let entry = getpwuid(getuid()), let directory = entry.pointee.pw_dir else { return "/" }
        return String(cString: directory)
    }

    /// A path with its leading `~/` resolved.
    static func expand(_ path: String, home: String) -> String {
        path.hasPrefix("~/") ? home + path.dropFirst() : path
    }

    private static func isKcli(_ path: String, environment: [String: String]) -> Bool {
        if path == environment["KCLI_CONFIG"] { return true }
        let parts = path.split(separator: "/")
        return parts.count > 1 && parts[parts.count - 2] == ".kcli"
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func nonEmpty(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text
    }
}
