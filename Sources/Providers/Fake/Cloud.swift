import ProviderAPI
import Synchronization

/// A call of a service, as faults and counts know it.
struct Call: Sendable, Hashable {
    /// What is asked for.
    var operation: Operation
    /// What it is counted as: the operation's name, or `KIND.items` for a look at some of a listing.
    var label: String

    init(_ operation: Operation, label: String? = nil) {
        self.operation = operation
        self.label = label ?? operation.rawValue
    }
}

/// The simulated cloud: its state behind one lock, its faults, its listeners and its time.
final class Cloud: Sendable {
    private struct Alarm {
        var deadline: Duration?
        var task: Task<Void, Never>?
    }

    let options: FakeOptions
    let time: FakeTime
    let faults = FaultBoard()
    let hub = EventHub()
    let lines = SerialLines()
    /// nil until the fleet is built.
    private let state = Mutex<CloudState?>(nil)
    private let preparation = Mutex<Task<Void, Never>?>(nil)
    private let alarm = Mutex(Alarm())

    init(_ options: FakeOptions, time: FakeTime) {
        self.options = options
        self.time = time
        prepare()
    }

    /// Builds the fleet; a large one apart, so that making a provider waits for nothing.
    private func prepare() {
        guard options.vms > 1000 else { return state.withLock { $0 = Fleet(options).build(epoch: time.epoch) } }
        let task = Task.detached { [weak self, options, time] in
            let built = Fleet(options).build(epoch: time.epoch)
            self?.state.withLock { if $0 == nil { $0 = built } }
        }
        preparation.withLock { $0 = task }
    }

    /// The one door of every call: counts it, lets it take its time, and fails it where a fault says so.
    func enter(_ operation: Operation, label: String? = nil) async throws(ProviderError) {
        let call = Call(operation, label: label)
        faults.count(call)
        try Self.checkCancellation()
        let delay = options.latency + faults.delay(of: call)
        if delay > .zero { try await sleep(delay) }
        try await faults.hold(call)
        await preparation.withLock { $0 }?.value
        if let failure = faults.failure(of: call, now: time.now()) { throw failure }
    }

    /// A change that is done at once, with what came of it.
    func carryOut<Item: Sendable>(
        _ operation: Operation, _ job: any JobReporter, _ body: (inout CloudState) throws(ProviderError) -> Item
    ) async throws(ProviderError) -> Item {
        try await enter(operation)
        let item = try change(body)
        job.accepted()
        return item
    }

    /// Looks at the state or changes it, at this moment; what happened is told to the listeners in its order.
    @discardableResult
    func change<R: Sendable>(_ body: (inout CloudState) throws(ProviderError) -> R) throws(ProviderError) -> R {
        try state.withLock { stored throws(ProviderError) in
            // Only what is no call, such as a change from outside, can come before the fleet is there.
            var state = stored.take() ?? Fleet(options).build(epoch: time.epoch)
            defer { stored = state }
            state.settle(now: time.now())
            defer { publish(&state) }
            return try body(&state)
        }
    }

    /// Lets happen what is due; nothing is before the fleet is there.
    func settle() {
        state.withLock { stored in
            guard var state = stored.take() else { return }
            state.settle(now: time.now())
            publish(&state)
            stored = state
        }
    }

    func sleep(_ duration: Duration) async throws(ProviderError) {
        do { try await time.sleepUntil(time.now() + duration) } catch { throw ProviderError(.cancelled, "interrupted") }
    }

    /// Lets a job take its time in ten steps.
    func work(_ job: any JobReporter) async throws(ProviderError) {
        job.accepted()
        for step in 1...10 {
            try await sleep(options.jobTime / 10)
            job.progress(step * 10)
        }
    }

    /// Events from now on; who comes during an outage is told of it.
    func subscribe() -> AsyncStream<ProviderEvent> {
        hub.subscribe(first: faults.outage.map { [ProviderEvent(.disconnected(reason: $0), detail: "outage")] } ?? [])
    }

    func close() {
        alarm.withLock { $0.task?.cancel() }
        hub.close()
        lines.close()
    }

    static func checkCancellation() throws(ProviderError) {
        if Task.isCancelled { throw ProviderError(.cancelled, "interrupted") }
    }

    private func publish(_ state: inout CloudState) {
        let events = state.takeEvents()
        if faults.outage == nil { hub.publish(events) }
        for event in events where event.detail == "stopped" || event.detail == "deleted" {
            if case .resource(.vms, let id) = event.change { lines.end(id) }
        }
        if let deadline = state.nextDeadline { arm(deadline) }
    }

    private func arm(_ deadline: Duration) {
        alarm.withLock { alarm in
            if let armed = alarm.deadline, armed <= deadline { return }
            alarm.task?.cancel()
            alarm.deadline = deadline
            alarm.task = Task { [weak self, time] in
                do { try await time.sleepUntil(deadline) } catch { return }
                self?.ring(deadline)
            }
        }
    }

    private func ring(_ deadline: Duration) {
        alarm.withLock { if $0.deadline == deadline { $0 = Alarm() } }
        settle()
    }
}
