import ArgumentParser
import Settings

/// `infrafs completion`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell: bash, zsh or fish.",
        discussion: """
            bash:  infrafs completion bash > /etc/bash_completion.d/infrafs
            zsh:   infrafs completion zsh > "${fpath[1]}/_infrafs"
            fish:  infrafs completion fish > ~/.config/fish/completions/infrafs.fish
            """)

    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    mutating func run() throws {
        guard let shell = CompletionShell(rawValue: self.shell) else {
            let hint = Suggestion.hint(for: self.shell, among: CompletionShell.allCases.map(\.rawValue))
            throw Failure(.usage, "unknown shell '\(self.shell)'\(hint)")
        }
        Standard.output(Infrafs.completionScript(for: shell))
    }
}
