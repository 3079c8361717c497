import FakeProvider
import ProviderAPI
import Synchronization
import Testing

/// A cloud whose time stands still until a test moves it.
struct Rig {
    let clock = DrivenClock()
    let provider: FakeProvider
    let job = Steps()

    init(_ change: (inout FakeOptions) -> Void = { _ in }) {
        var options = FakeOptions()
        change(&options)
        provider = FakeProvider(options, time: .driven(clock))
    }

    var vms: any CollectionService<VirtualMachine> { get throws { try #require(provider.vms) } }
    var disks: any CollectionService<Disk> { get throws { try #require(provider.disks) } }
    var objects: any ObjectService { get throws { try #require(provider.objects) } }
    var faults: any FaultService { get throws { try #require(provider.faults) } }

    func advance(_ milliseconds: Int) {
        clock.advance(by: .milliseconds(milliseconds))
        provider.settle()
    }

    /// The first machine of that name.
    func vm(_ name: String) async throws -> VirtualMachine {
        try #require(try await vms.list().first { $0.name == name })
    }

    @discardableResult
    func apply(_ change: VirtualMachine.Change, _ name: String) async throws -> VirtualMachine {
        try await vms.apply(change, to: try await vm(name).id, job)
    }

    func create(_ name: String, _ values: [String: Value] = [:]) async throws -> VirtualMachine {
        try await vms.create(Specification(name: name, values: values), job)
    }

    /// Moves the time on until the task is over.
    func finish<T: Sendable>(_ task: Task<T, any Error>) async throws -> T {
        let done = Mutex(false)
        let watcher = Task {
            _ = await task.result
            done.withLock { $0 = true }
        }
        while !done.withLock({ $0 }) {
            clock.advance(by: .milliseconds(50))
            await Task.yield()
        }
        await watcher.value
        return try await task.value
    }
}

/// What a job told.
final class Steps: JobReporter {
    private let state = Mutex<[Int]>([])
    private let taken = Mutex(0)

    var all: [Int] { state.withLock { $0 } }
    var acceptances: Int { taken.withLock { $0 } }
    func accepted() { taken.withLock { $0 += 1 } }
    func progress(_ percent: Int) { state.withLock { $0.append(percent) } }
}

/// The code that a call fails with; nil where it does not fail.
func code(_ body: () async throws -> Void) async -> ProviderError.Code? {
    do { try await body() } catch { return ProviderError(wrapping: error).code }
    return nil
}
