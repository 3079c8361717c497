import ArgumentParser
import Glibc
import Logging
import MountBridge
import ProviderAPI
import Settings

/// `infrafs mount`.
struct MountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Mount the configured providers at a directory.",
        usage: """
            infrafs mount [--config FILE] [-o OPTIONS] [-f] MOUNTPOINT
            infrafs mount --demo MOUNTPOINT
            mount -t fuse.infrafs SOURCE MOUNTPOINT [-o OPTIONS]
            """,
        discussion: """
            The command returns when the mount answers, and the program goes on in the background; a provider that does \
            not answer delays nothing. It ends with 'umount MOUNTPOINT', 'fusermount3 -u MOUNTPOINT' or SIGTERM.

            Options of -o, separated by commas:

              config=FILE   demo   log_file=FILE   log_level=LEVEL   ro
              allow_other   uid=UID   gid=GID   umask=OCTAL   inotify

            Those that mount(8) and systemd keep for themselves (noauto, nofail, _netdev, x-systemd.*, ...) are passed \
            over. In fstab, SOURCE is the path of a configuration, or 'demo', or any name for the default one:

              none  /infra  fuse.infrafs  noauto,user,config=/etc/infrafs.yaml  0 0
            """)

    @Option(help: ArgumentHelp("The configuration to read.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        name: .customShort("o", allowingJoined: true), help: ArgumentHelp("Mount options.", valueName: "options"))
    var options: [String] = []

    @Flag(name: .shortAndLong, help: "Stay in the foreground and log to the standard error.")
    var foreground = false

    @Flag(help: "Mount a simulated fleet: no configuration, no infrastructure.")
    var demo = false

    @Option(help: ArgumentHelp("Append the log to a file.", valueName: "file"), completion: .file())
    var logFile: String?

    @Option(help: "Log what is at least this grave: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    @Flag(help: "Check everything and mount nothing.")
    var dryRun = false

    @Argument(
        help: ArgumentHelp("An empty directory; mount(8) names a source before it.", valueName: "mountpoint"),
        completion: .directory)
    var names: [String]

    mutating func validate() throws {
        guard (1...2).contains(names.count) else {
            throw ValidationError("Name one directory to mount at, or a source and a directory.")
        }
    }

    mutating func run() throws {
        try Self.refuseMistypedCommand(names)
        let list = try OptionList(options)
        let level = try LogDestination.level(logLevel ?? list.logLevel)
        var configuration = try configuration(list)
        list.apply(to: &configuration.mount)
        guard !(configuration.mount.inotify && configuration.mount.readOnly) else {
            throw Failure(
                .usage,
                "'inotify' does not go with 'ro', where the kernel tells of nothing: set read_only for the providers")
        }
        let request = MountRequest(
            configuration: configuration, settings: configuration.mount,
            mountPoint: try Self.place(names[names.count - 1]),
            source: configuration.source ?? (names.count == 2 ? names[0] : demo ? "demo" : "infrafs"))
        if dryRun { return }
        try FuseConfiguration.check(configuration.mount)
        if let state = stateDirectory() {
            try Ownership.checkDirectory(state, "state directory (see XDG_STATE_HOME)")
        }
        let file = try (logFile ?? list.logFile).map { path throws(Failure) in try LogDestination.file(path) }
        let destination = file ?? (foreground ? LogDestination.standardError : .syslog)
        try Daemon.run(request, foreground: foreground, log: destination, level: level, runner: mountRunner)
    }

    private static func place(_ path: String) throws(Failure) -> String {
        do throws(MountError) {
            return try Mount.place(path)
        } catch {
            throw Failure(.cannotMount, "cannot mount at \(error.message)")
        }
    }

    private func configuration(_ list: OptionList) throws(Failure) -> Configuration {
        let source = names.count == 2 ? names[0] : nil
        if demo || list.demo || source == "demo" {
            guard let registration = allProviders.first(where: { $0.type == "fake" }) else {
                throw Failure(.usage, "this build has no simulated fleet to demonstrate with")
            }
            return Configuration.demo(registration)
        }
        return try ConfigurationLoading.load(config ?? list.config ?? source.flatMap(Self.path))
    }

    /// `mount` is the default command, so `infrafs chekc` arrives here.
    private static func refuseMistypedCommand(_ names: [String]) throws(Failure) {
        guard names.count == 1, !names[0].contains("/"), access(names[0], F_OK) != 0 else { return }
        let commands = Infrafs.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let nearest = Suggestion.nearest(to: names[0], among: commands) else { return }
        throw Failure(
            .usage, "'\(names[0])' is no command and no directory: did you mean 'infrafs \(nearest)'?")
    }

    /// A source that looks like a path is one; anything else is a name that mount(8) wants and we do not.
    private static func path(_ source: String) -> String? {
        source.contains("/") || source.hasSuffix(".yaml") || source.hasSuffix(".yml") ? source : nil
    }
}
