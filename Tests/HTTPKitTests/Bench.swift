import Glibc
import HTTPKit
import HTTPTesting
import Synchronization

extension HTTPClient {
    /// One that goes through no proxy.
    static func direct(_ change: (inout HTTPConfiguration) -> Void = { _ in }) -> HTTPClient {
        var configuration = HTTPConfiguration(userAgent: "infrafs-tests")
        configuration.proxy = .none
        change(&configuration)
        return HTTPClient(configuration)
    }
}

extension StubServer {
    /// A request for a path of it.
    func request(_ method: HTTPMethod = .get, _ path: String = "/", body: HTTPBody = .none) throws -> HTTPRequest {
        HTTPRequest(method, try HTTPURL(url + path), body: body)
    }
}

/// The error of an exchange; nil where there is none.
func failure<Value>(_ body: () async throws(HTTPError) -> Value) async -> HTTPError? {
    do throws(HTTPError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// A time that passes only by being slept through, with chance that is always the same.
final class ScriptedTime: Sendable {
    private let state = Mutex((uptime: Duration.zero, sleeps: [Duration]()))

    var time: HTTPTime {
        HTTPTime(
            uptime: { self.state.withLock { $0.uptime } },
            wall: { 784_111_740 },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.uptime += duration
                    state.sleeps.append(duration)
                }
            },
            random: { 0.5 })
    }

    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(_ duration: Duration) { state.withLock { $0.uptime += duration } }
}

/// Bytes that tell where they belong.
func pattern(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block[..<min(block.count, count - bytes.count)] }
    return bytes
}

private let block = (0..<65_537).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }

/// Keeps the thread of a stub server for a moment.
func usleepBriefly() { usleep(3000) }
