import ArgumentParser
import Glibc

/// Where the process begins. It is synchronous on purpose: `mount` forks, which it must do before any thread is made.
@main
enum Program {
    static func main() {
        Memory.hide()
        let arguments = Invocation.arguments(from: CommandLine.arguments)
        do {
            guard !arguments.isEmpty else { throw Failure(.usage, Infrafs.helpMessage(columns: 100)) }
            var command = try Infrafs.parseAsRoot(arguments)
            try command.run()
        } catch let failure as Failure {
            Standard.error(failure.description)
            exit(failure.status.rawValue)
        } catch {
            Infrafs.exit(withError: error)
        }
    }
}

/// The command itself, without a subcommand.
struct Infrafs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infrafs",
        abstract: "Mount infrastructure as files: machines, disks, networks and buckets of any provider.",
        discussion: """
            Try it without any infrastructure:

              infrafs mount --demo /mnt/demo
              cat /mnt/demo/README
              umount /mnt/demo

            Mount what the configuration names, at login or from a shell:

              infrafs check
              infrafs mount ~/infra
              cat ~/infra/*/vms/*/status

            The configuration is ~/.config/infrafs/config.yaml, see infrafs.yaml(5); an existing ~/.kcli/config.yml is \
            understood as it is. The tree is described in infrafs-tree(7).
            """,
        version: version,
        subcommands: [
            MountCommand.self, CheckCommand.self, ProvidersCommand.self, WaitCommand.self, WhyCommand.self,
            ConsoleCommand.self, CompletionCommand.self,
        ],
        defaultSubcommand: MountCommand.self)
}

/// The version, as `--version` and `.infrafs/version` tell it.
let version = "0.1.0"
