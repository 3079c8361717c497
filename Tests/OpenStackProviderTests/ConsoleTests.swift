import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Screens and what servers print.
@Suite struct ConsoleTests {
    private let rig: Rig
    private let consoles: any ConsoleService

    init() throws {
        rig = try Rig()
        consoles = try #require(rig.provider.consoles)
    }

    @Test func anAddressIsAskedForEachTime() async throws {
        let id = try await rig.vm("web1").id
        #expect(rig.count("POST", "/remote-consoles") == 0, "looking at a server opens no console")
        #expect(try await consoles.console(of: id).hasPrefix("http://console.example.org:6080/vnc_auto.html"))
        _ = try await consoles.console(of: id)
        #expect(rig.count("POST", "/remote-consoles") == 2)
    }

    /// Compute API reference, "Create Console": 400 for a type that no host offers.
    @Test func aCloudOfAnotherKindOfScreenHasOneToo() async throws {
        let id = try await rig.vm("web1").id
        let spice =
            #"{"remote_console": {"protocol": "spice", "type": "spice-html5", "url": "http://spice.example.org/"}}"#
        rig.server.on(
            "POST", "/compute/v2.1/servers/\(id)/remote-consoles",
            .json(400, #"{"badRequest": {"code": 400, "message": "Unavailable console type novnc."}}"#),
            .json(200, spice))
        #expect(try await consoles.console(of: id) == "http://spice.example.org/")
        let kinds = rig.bodies("POST", "/remote-consoles").map { $0["remote_console"]["type"].string }
        #expect(kinds == ["novnc", "spice-html5"])
    }

    @Test func oneThatIsDownHasNoScreen() async throws {
        let id = try await rig.vm("db1").id
        let words = "Instance \(id) is not ready"
        rig.server.on(
            "POST", "/compute/v2.1/servers/\(id)/remote-consoles",
            .json(409, #"{"conflictingRequest": {"code": 409, "message": "\#(words)"}}"#))
        #expect(await rig.failure { _ = try await consoles.console(of: id) }?.code == .busy)
        #expect(rig.count("POST", "/remote-consoles") == 1)
    }

    @Test func whatAServerPrintedIsReadAndNothingIsWritten() async throws {
        let id = try await rig.vm("web1").id
        let log = try await consoles.serial(of: id)
        var text: [UInt8] = []
        while true {
            let piece = try await log.read(upTo: 7)
            guard !piece.isEmpty else { break }
            text += piece
        }
        let printed = String(decoding: text, as: UTF8.self)
        #expect(printed.contains("login:") && printed.utf8.count > 7)
        #expect(await rig.failure { try await log.write([10]) }?.code == .unsupported)
        await log.close()
    }

    /// Nova's rescue mode is nobody's state here: such a server runs, and can be stopped or deleted as Compute lets it.
    @Test func aServerInRescueModeRuns() async throws {
        rig.cloud.change("servers", named: "web1") { $0["status"] = "RESCUE" }
        let machine = try await rig.vm("web1")
        #expect(machine.status == .up && machine.rawStatus == "RESCUE" && machine.fault == nil)
        #expect(await rig.failure { try await rig.vms().delete(machine.id, rig.job) }?.code == .busy)
    }
}
