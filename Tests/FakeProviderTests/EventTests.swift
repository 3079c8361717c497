import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventTests {
    @Test func whatTimeBringsIsTold() async throws {
        let rig = Rig()
        let id = try await rig.vm("web3").id.rawValue
        var one = try #require(rig.provider.events()).makeAsyncIterator()
        var two = try #require(rig.provider.events()).makeAsyncIterator()
        try await rig.apply(.power(.up), "web3")
        // Nobody asks: the cloud's own alarm makes it happen.
        var seen: [String] = []
        for detail in ["booting", "started", "addressed"] {
            rig.clock.advance(by: .seconds(2))
            let event = try #require(await one.next())
            #expect(event.change == .resource(.vms, id: id))
            seen.append(event.detail)
            #expect(event.detail == detail)
        }
        for detail in seen { #expect(await two.next()?.detail == detail) }
    }

    @Test func aSlowListenerIsToldOfTheCollection() async throws {
        let rig = Rig()
        var events = try #require(rig.provider.events()).makeAsyncIterator()
        let id = try await rig.vm("web1").id
        for number in 0..<3000 { _ = try await rig.vms.apply(.description("\(number)"), to: id, rig.job) }
        #expect(await events.next()?.change == .collection(.vms))
        try await rig.apply(.description("last"), "web1")
        #expect(await events.next()?.change == .resource(.vms, id: id.rawValue))
    }

    @Test func closingEndsTheStream() async throws {
        let rig = Rig()
        var events = try #require(rig.provider.events()).makeAsyncIterator()
        await rig.provider.close()
        #expect(await events.next() == nil)
    }

    @Test func aCancelledListenerEnds() async throws {
        let rig = Rig()
        let stream = try #require(rig.provider.events())
        let task = Task {
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        task.cancel()
        #expect(await task.value == 0)
    }

    @Test func aSerialLineAnswersAndEnds() async throws {
        let rig = Rig()
        let consoles = try #require(rig.provider.consoles)
        let id = try await rig.vm("web1").id
        let line = try await consoles.serial(of: id)
        try await line.write(Array("root\rhostname\r".utf8))
        var text = ""
        while !text.contains("hostname\r\nweb1\r\n") {
            text += String(decoding: try await line.read(upTo: 64), as: UTF8.self)
        }
        #expect(text.contains("web1 login: root"))
        try await line.write(Array("poweroff\r".utf8))
        #expect(try await rig.vm("web1").status == .stopping)
        rig.advance(1000)
        while try await !line.read(upTo: 4096).isEmpty {}
        #expect(await code { _ = try await consoles.serial(of: id) } == .busy)
        #expect(await code { _ = try await consoles.console(of: id) } == .busy)
    }
}
