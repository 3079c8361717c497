import HTTPKit
import ProviderAPI
import Synchronization

/// Screens, on demand, and the log of the serial line.
struct Consoles: ConsoleService {
    let cloud: Cloud

    private struct Console: Decodable, Sendable {
        var url: String
    }

    private struct Output: Decodable, Sendable {
        var output: String
    }

    /// An address that is good for some minutes: of VNC, or of SPICE where the cloud offers no VNC. Compute says 400 for what
    /// it does not offer.
    func console(of id: VirtualMachine.ID) async throws(ProviderError) -> String {
        do throws(ProviderError) {
            return try await console(of: id, "vnc", "novnc")
        } catch {
            guard error.code == .invalidValue else { throw error }
            do throws(ProviderError) { return try await console(of: id, "spice", "spice-html5") } catch let other {
                throw other.code == .invalidValue ? error : other
            }
        }
    }

    private func console(
        of id: VirtualMachine.ID, _ proto: JSONValue, _ kind: JSONValue
    ) async throws(ProviderError) -> String {
        let wish: JSONValue = ["remote_console": ["protocol": proto, "type": kind]]
        return try await cloud.document(
            Console.self, "remote_console", .post, .compute, "servers/\(id)/remote-consoles", body: wish,
            to: "open a console of \(id)"
        ).url
    }

    /// What the server has printed so far. Compute has no way to write to it.
    func serial(of id: VirtualMachine.ID) async throws(ProviderError) -> any ByteStream {
        let output = try await cloud.document(
            Output.self, "", .post, .compute, "servers/\(id)/action", body: ["os-getConsoleOutput": [:]],
            to: "read the console log of \(id)")
        return ConsoleLog(output.output)
    }
}

/// A text that is read once.
private final class ConsoleLog: ByteStream {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ text: String) {
        rest = Mutex(Array(text.utf8)[...])
    }

    func read(upTo count: Int) async throws(ProviderError) -> [UInt8] {
        rest.withLock { rest in
            let piece = Array(rest.prefix(count))
            rest = rest.dropFirst(piece.count)
            return piece
        }
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        throw ProviderError(.unsupported, "OpenStack's console log is only read: use the console in a browser")
    }

    func close() async {}
}
