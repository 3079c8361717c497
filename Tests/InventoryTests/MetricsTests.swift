import Inventory
import ProviderAPI
import ProviderTesting
import Testing

/// What is measured, and how it is written.
@Suite struct MetricsTests {
    @Test func callsAreCountedWithTheirEndsAndTheirTimes() async throws {
        let collection = Collection()
        _ = try await collection.names()
        try await collection.setMemory(2048, of: collection.a)
        collection.stub.fail(.apply, ProviderError(.quotaExceeded, "too much"), times: 1)
        await #expect(throws: ProviderError.self) { try await collection.setMemory(9999, of: collection.a) }
        collection.stub.fail(.items, ProviderError(.timedOut, "no answer"), times: 1)
        collection.owner.failures.note(
            operation: "write", path: "lab/vms/a/memory", errno: "EDQUOT", reason: "too much")
        let text = self.text(collection)
        #expect(text.contains("infrafs_call_seconds_count{provider=\"lab\",call=\"list vms\"} 1\n"))
        #expect(text.contains("infrafs_call_seconds_count{provider=\"lab\",call=\"vm.memory\"} 2\n"))
        #expect(text.contains("infrafs_call_seconds_bucket{provider=\"lab\",call=\"vm.memory\",le=\"+Inf\"} 2\n"))
        let failed = "infrafs_call_failures_total{provider=\"lab\",call=\"vm.memory\",code=\"quota exceeded\"} 1\n"
        #expect(text.contains(failed))
        #expect(text.contains("infrafs_failures_total{provider=\"lab\",errno=\"EDQUOT\"} 1\n"))
        #expect(text.contains("infrafs_calls_under_way{provider=\"lab\"} 0\n"))
        #expect(text.contains("infrafs_up{provider=\"lab\"} 1\n"))
    }

    @Test func theCacheIsToldWithItsAge() async throws {
        let collection = Collection()
        #expect(!text(collection).contains("infrafs_cache_age_seconds{"))
        _ = try await collection.names()
        collection.time.advance(.milliseconds(2500))
        let labels = "{provider=\"lab\",collection=\"vms\"}"
        let text = text(collection)
        #expect(text.contains("infrafs_cached_resources\(labels) 2\n"))
        #expect(text.contains("infrafs_cache_age_seconds\(labels) 2.500000\n"))
        #expect(text.contains("infrafs_refreshing\(labels) 0\n"))
        collection.stub.hold(.list)
        collection.owner.refresh()
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        #expect(self.text(collection).contains("infrafs_refreshing\(labels) 1\n"))
        #expect(self.text(collection).contains("infrafs_stale_resources\(labels) 2\n"))
        collection.stub.release(.list)
    }

    @Test func labelsAreEscapedAndBucketsAddUp() {
        var histogram = LatencyHistogram()
        for duration: Duration in [.zero, .microseconds(100), .milliseconds(5), .seconds(3600)] {
            histogram.add(duration)
        }
        var metrics = MetricsText()
        metrics.family("x_seconds", .histogram, "What takes long.")
        metrics.samples("x_seconds", [("name", "a\"b\\c\nd")], histogram)
        let lines = metrics.text.split(separator: "\n")
        #expect(lines[0] == "# HELP x_seconds What takes long.")
        #expect(lines[1] == "# TYPE x_seconds histogram")
        let name = #"name="a\"b\\c\nd""#
        #expect(lines[2] == "x_seconds_bucket{\(name),le=\"0.000100\"} 2")
        #expect(lines[4] == "x_seconds_bucket{\(name),le=\"0.010000\"} 3")
        #expect(lines[7] == "x_seconds_bucket{\(name),le=\"10.000000\"} 3")
        #expect(lines[8] == "x_seconds_bucket{\(name),le=\"+Inf\"} 4")
        #expect(lines[9] == "x_seconds_sum{\(name)} 3600.005100")
        #expect(lines[10] == "x_seconds_count{\(name)} 4")
    }

    private func text(_ collection: Collection) -> String {
        var metrics = MetricsText()
        LiveProvider.measure([collection.owner], into: &metrics)
        return metrics.text
    }
}
