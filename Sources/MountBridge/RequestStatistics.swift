import Inventory
import Synchronization

/// How often the kernel has asked for each operation, and how long the answers took.
public final class RequestStatistics: Sendable {
    /// A number that is looked up when it is asked for.
    struct Gauge: Sendable {
        let name: String
        let help: String
        let value: @Sendable () -> Int
    }

    private struct State {
        var counts = ContiguousArray(repeating: 0, count: KernelOperation.allCases.count)
        var latencies = ContiguousArray(repeating: LatencyHistogram(), count: KernelOperation.allCases.count)
        var gauges: [Gauge] = []
    }

    private let state = Mutex(State())

    /// Nothing was asked yet.
    public init() {}

    /// Counts one.
    func count(_ operation: KernelOperation) {
        state.withLock { $0.counts[operation.rawValue] += 1 }
    }

    /// Notes how long an answer took.
    func note(_ operation: KernelOperation, took duration: Duration) {
        state.withLock { $0.latencies[operation.rawValue].add(duration) }
    }

    /// Adds numbers to what is told.
    func show(_ gauges: [Gauge]) {
        state.withLock { $0.gauges += gauges }
    }

    /// All counts, by the name of the operation.
    var counts: [String: Int] {
        let counts = state.withLock { $0.counts }
        return Dictionary(uniqueKeysWithValues: zip(KernelOperation.allCases.map { "\($0)" }, counts))
    }

    /// All of it in the text format of Prometheus.
    public var metrics: String {
        let state = state.withLock { $0 }
        var metrics = MetricsText()
        metrics.family("infrafs_requests_total", .counter, "Requests of the kernel.")
        for (operation, count) in zip(KernelOperation.allCases, state.counts) where count > 0 {
            metrics.sample("infrafs_requests_total", [("operation", "\(operation)")], count)
        }
        metrics.family("infrafs_request_seconds", .histogram, "Requests of the kernel, by how long the answer took.")
        for (operation, latency) in zip(KernelOperation.allCases, state.latencies) where latency.count > 0 {
            metrics.samples("infrafs_request_seconds", [("operation", "\(operation)")], latency)
        }
        for gauge in state.gauges {
            metrics.family(gauge.name, .gauge, gauge.help)
            metrics.sample(gauge.name, [], gauge.value())
        }
        return metrics.text
    }
}
