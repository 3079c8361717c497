import ProviderAPI
import Synchronization

/// How the calls to one provider went since the mount began.
final class CallStatistics: Sendable {
    /// One sort of call.
    struct Series: Sendable {
        var latency = LatencyHistogram()
        var failures: [ProviderError.Code: Int] = [:]
    }

    private struct State {
        var series: [String: Series] = [:]
        var underWay = 0
    }

    private let state = Mutex(State())
    private let time: TimeSource

    init(time: TimeSource) {
        self.time = time
    }

    /// By what they were for.
    var series: [(call: String, series: Series)] {
        state.withLock { $0.series.sorted { $0.key < $1.key }.map { (call: $0.key, series: $0.value) } }
    }

    /// How many are under way, those that wait for their turn included.
    var underWay: Int { state.withLock { $0.underWay } }

    /// Makes a call and notes how long it took and how it ended. `call` is one of few: it names no resource.
    func measure<Value>(
        _ call: String, _ body: () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let began = time.uptime()
        state.withLock { $0.underWay += 1 }
        do throws(ProviderError) {
            let value = try await body()
            note(call, since: began, nil)
            return value
        } catch {
            note(call, since: began, error.code)
            throw error
        }
    }

    private func note(_ call: String, since began: Duration, _ code: ProviderError.Code?) {
        let duration = time.uptime() - began
        state.withLock { state in
            state.underWay -= 1
            state.series[call, default: Series()].latency.add(duration)
            if let code { state.series[call]?.failures[code, default: 0] += 1 }
        }
    }
}

/// What a collection has in its cache.
struct CacheState: Sendable {
    /// Resources.
    var count: Int
    /// How long ago the listing began that it comes from; nil: none was made.
    var age: Duration?
    /// How many of them may have changed since.
    var stale: Int
    /// Whether it is being read anew.
    var isRefreshing: Bool
    /// Whether the last reading failed.
    var hasFailed: Bool
}

extension LiveProvider {
    /// Adds what there is to tell of some providers, family by family.
    public static func measure(_ providers: [LiveProvider], into metrics: inout MetricsText) {
        metrics.family("infrafs_up", .gauge, "Whether the provider answered when it was last called.")
        for provider in providers {
            metrics.sample("infrafs_up", provider.label, provider.isUp ? 1 : 0)
        }
        metrics.family("infrafs_calls_under_way", .gauge, "Calls to the platform that have not ended.")
        for provider in providers {
            metrics.sample("infrafs_calls_under_way", provider.label, provider.statistics.underWay)
        }
        metrics.family("infrafs_call_seconds", .histogram, "Calls to the platform, by how long they took.")
        for provider in providers {
            for (call, series) in provider.statistics.series {
                metrics.samples("infrafs_call_seconds", provider.label + [("call", call)], series.latency)
            }
        }
        metrics.family("infrafs_call_failures_total", .counter, "Calls to the platform that failed, by the reason.")
        for provider in providers {
            for (call, series) in provider.statistics.series {
                for (code, count) in series.failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    let labels = provider.label + [("call", call), ("code", code.rawValue)]
                    metrics.sample("infrafs_call_failures_total", labels, count)
                }
            }
        }
        metrics.family("infrafs_failures_total", .counter, "Requests that failed and were noted in errors, by errno.")
        for provider in providers {
            for (errno, count) in provider.failures.counts.sorted(by: { $0.key < $1.key }) {
                metrics.sample("infrafs_failures_total", provider.label + [("errno", errno)], count)
            }
        }
        metrics.family("infrafs_jobs", .gauge, "Long operations that are under way.")
        for provider in providers {
            let running = provider.jobs.jobs.count { $0.status == .running }
            metrics.sample("infrafs_jobs", provider.label, running)
        }
        measureCaches(of: providers, into: &metrics)
    }

    private static func measureCaches(of providers: [LiveProvider], into metrics: inout MetricsText) {
        let caches = providers.flatMap { provider in
            provider.caches.map { (labels: provider.label + [("collection", $0.kind.rawValue)], cache: $0.cache) }
        }
        metrics.family("infrafs_cached_resources", .gauge, "Resources known of a collection.")
        for (labels, cache) in caches { metrics.sample("infrafs_cached_resources", labels, cache.count) }
        metrics.family("infrafs_stale_resources", .gauge, "Resources that may have changed since they were read.")
        for (labels, cache) in caches { metrics.sample("infrafs_stale_resources", labels, cache.stale) }
        metrics.family("infrafs_cache_age_seconds", .gauge, "How old the last listing of a collection is.")
        for (labels, cache) in caches {
            if let age = cache.age { metrics.sample("infrafs_cache_age_seconds", labels, age) }
        }
        metrics.family("infrafs_refreshing", .gauge, "Whether a collection is being read anew.")
        for (labels, cache) in caches { metrics.sample("infrafs_refreshing", labels, cache.isRefreshing ? 1 : 0) }
        metrics.family("infrafs_refresh_failed", .gauge, "Whether the last reading of a collection failed.")
        for (labels, cache) in caches { metrics.sample("infrafs_refresh_failed", labels, cache.hasFailed ? 1 : 0) }
    }

    private var label: [(name: String, value: String)] { [("provider", name)] }
}
