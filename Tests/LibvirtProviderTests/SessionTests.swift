import ProviderAPI
import Testing

@testable import LibvirtProvider

struct SessionTests {
    @Test func aDeadHostFailsAtOnceAndIsToldOnce() async throws {
        let socket = "qemu+unix:///system?socket=/nonexistent/libvirt-sock"
        let provider = try Libvirt.registration.make(ProviderSettings(name: "lab", values: ["url": .text(socket)]))
        let stream = try #require(provider.events())
        var iterator = stream.makeAsyncIterator()
        guard case .disconnected(let reason)? = await iterator.next()?.change else {
            Issue.record("no word about the host")
            return
        }
        #expect(reason.contains("/nonexistent/libvirt-sock"))
        let began = ContinuousClock.now
        for _ in 0..<20 {
            await #expect { _ = try await provider.vms?.list() } throws: { error in
                (error as? ProviderError)?.code == .unreachable
            }
        }
        #expect(ContinuousClock.now - began < .seconds(5))
        await provider.close()
    }

    @Test func pausesGrow() {
        #expect(Session.pause(after: 0) == .milliseconds(250))
        #expect(Session.pause(after: 2) == .seconds(1))
        #expect(Session.pause(after: 1000) == .seconds(10))
    }
}
