import ArgumentParser
import Dispatch
import ProviderAPI
import Settings
import Synchronization

/// `infrafs check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration, and whether each provider answers.",
        discussion: """
            Prints one line a provider: name, type, up or down, and how long it took or why it is down. All are asked at \
            once, each for as long as its 'timeout' allows.

              infrafs check                     all of them
              infrafs check lab                 one of them
              infrafs check --config new.yaml   before it is put in place

            Exits with 0 when all answer, 1 when one does not, 78 when the configuration has mistakes; each of them is \
            then told with its file and line.
            """)

    @Option(help: ArgumentHelp("The configuration to read.", valueName: "file"), completion: .file())
    var config: String?

    @Argument(help: "Names of providers; all of them where none is named.")
    var providers: [String] = []

    mutating func run() throws {
        let configuration = try ConfigurationLoading.load(config)
        for note in configuration.notes { Standard.error("infrafs: note: \(note)") }
        let entries = try Self.select(providers, of: configuration)
        let outcomes = Reachability.check(entries)
        let rows = zip(entries, outcomes).map { entry, outcome in
            [entry.name, entry.registration.type, outcome.isUp ? "up" : "down", outcome.detail]
        }
        Table.lines(rows).forEach(Standard.output)
        guard outcomes.allSatisfy(\.isUp) else { throw ExitCode(Failure.Status.failed.rawValue) }
    }

    private static func select(_ names: [String], of configuration: Configuration) throws(Failure) -> [ProviderEntry] {
        guard !names.isEmpty else { return configuration.providers }
        var entries: [ProviderEntry] = []
        for name in names {
            guard let entry = configuration.providers.first(where: { $0.name == name }) else {
                let hint = Suggestion.hint(for: name, among: configuration.providers.map(\.name))
                throw Failure(.usage, "no provider '\(name)' in the configuration\(hint)")
            }
            entries.append(entry)
        }
        return entries
    }
}

/// Whether providers answer.
enum Reachability {
    struct Outcome: Sendable {
        let isUp: Bool
        /// How long it took, or why it is down.
        let detail: String
    }

    /// Asks all of them at once. A provider that does not come back by its deadline is left behind.
    static func check(_ entries: [ProviderEntry]) -> [Outcome] {
        let pending = entries.map { _ in Pending() }
        for (entry, pending) in zip(entries, pending) {
            Task.detached { pending.settle(await check(entry)) }
            Task.detached {
                // Sleeping ends early only by cancellation, which nobody does.
                try? await Task.sleep(for: entry.common.timeout)
                let time = DurationText.format(entry.common.timeout)
                pending.settle(Outcome(isUp: false, detail: "no answer in \(time): see 'timeout' in infrafs.yaml(5)"))
            }
        }
        return pending.map { $0.wait() }
    }

    private static func check(_ entry: ProviderEntry) async -> Outcome {
        let start = ContinuousClock.now
        do throws(ProviderError) {
            let provider = try entry.registration.make(entry.settings)
            try await provider.check()
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            return Outcome(isUp: true, detail: "\(Int(milliseconds.rounded())) ms")
        } catch {
            return Outcome(isUp: false, detail: error.description)
        }
    }

    /// An outcome that a thread waits for; the first one counts.
    private final class Pending: Sendable {
        private let outcome = Mutex<Outcome?>(nil)
        private let semaphore = DispatchSemaphore(value: 0)

        func settle(_ new: Outcome) {
            let isFirst = outcome.withLock { outcome in
                defer { outcome = outcome ?? new }
                return outcome == nil
            }
            if isFirst { semaphore.signal() }
        }

        func wait() -> Outcome {
            semaphore.wait()
            return outcome.withLock { $0 } ?? Outcome(isUp: false, detail: "no outcome")
        }
    }
}
