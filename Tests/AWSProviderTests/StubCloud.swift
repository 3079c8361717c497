import HTTPTesting
import ProviderAPI
import Synchronization

@testable import AWSProvider

/// EC2 as a stub: an answer for each action, in turn; the last one stays.
final class StubCloud: Sendable {
    typealias Answer = @Sendable ([String: String]) -> StubReply

    let server: StubServer
    private let answers = Mutex<[String: [Answer]]>([:])
    private let seen = Mutex<[[String: String]]>([])

    init() throws {
        server = try StubServer()
        server.otherwise { [weak self] request in self?.reply(to: request) ?? .text(500, "gone") }
    }

    deinit { server.stop() }

    private func reply(to request: StubRequest) -> StubReply {
        let fields = Self.fields(of: request.text)
        seen.withLock { $0.append(fields) }
        let action = fields["Action"] ?? "\(request.method) \(request.path)"
        let answer = answers.withLock { answers -> Answer? in
            guard let list = answers[action], let first = list.first else { return nil }
            if list.count > 1 { answers[action] = Array(list.dropFirst()) }
            return first
        }
        return answer?(fields) ?? .xml(400, Self.fault("InvalidAction", "no answer for \(action)"))
    }

    static func fields(of form: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            fields[decoded(parts[0])] = decoded(parts[1])
        }
        return fields
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let code = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), let value = UInt8(code, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func fault(_ code: String, _ message: String) -> String {
        "<?xml version=\"1.0\"?><Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error></Errors>"
            + "<RequestID>11111111-2222</RequestID></Response>"
    }

    func on(_ action: String, _ replies: StubReply...) {
        answers.withLock { $0[action] = replies.map { reply in { _ in reply } } }
    }

    func answer(_ action: String, _ answer: @escaping Answer) {
        answers.withLock { $0[action] = [answer] }
    }

    /// The requests of an action, as their fields.
    func calls(_ action: String) -> [[String: String]] { seen.withLock { $0.filter { $0["Action"] == action } } }

    var actions: [String] { seen.withLock { $0.compactMap { $0["Action"] } } }

    /// A provider of this cloud. Nothing of the test's own environment reaches it.
    func provider(_ values: [String: Value] = [:], environment: [String: String] = [:]) throws(ProviderError)
        -> AWSProvider
    {
        let standard: [String: Value] = [
            "endpoint_url": .text(server.url), "region": .text("eu-west-3"), "access_key_id": .text("AKID"),
        ]
        return try AWSProvider(
            ProviderSettings(
                name: "cloud", values: standard.merging(values) { $1 }, secrets: ["access_key_secret": Secret("SECRET")]
            ),
            environment: environment)
    }
}

/// A job that nobody follows.
struct SilentJob: JobReporter {
    func accepted() {}
    func progress(_ percent: Int) {}
}

/// Answers of EC2, in the shapes that it has.
enum Answers {
    static func instances(_ items: [String], next: String? = nil) -> StubReply {
        let reservations = items.map {
            "<item><reservationId>r-1</reservationId><instancesSet>\($0)</instancesSet></item>"
        }
        let token = next.map { "<nextToken>\($0)</nextToken>" } ?? ""
        return .xml(
            200,
            "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>q</requestId>"
                + "<reservationSet>\(reservations.joined())</reservationSet>\(token)</DescribeInstancesResponse>")
    }

    static func instance(_ id: String, name: String? = nil, state: String = "running", type: String = "t3.micro")
        -> String
    {
        let tag = name.map { "<item><key>Name</key><value>\($0)</value></item>" } ?? ""
        return """
            <item><instanceId>\(id)</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>\(state)</name>
            </instanceState><instanceType>\(type)</instanceType><launchTime>2026-05-06T07:08:09.000Z</launchTime>
            <placement><availabilityZone>eu-west-3a</availabilityZone></placement><subnetId>subnet-1</subnetId>
            <vpcId>vpc-1</vpcId><privateIpAddress>10.0.0.5</privateIpAddress><ipAddress>54.1.2.3</ipAddress>
            <architecture>x86_64</architecture><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping>
            <item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-2</volumeId></ebs></item>
            <item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId><deleteOnTermination>true
            </deleteOnTermination></ebs></item></blockDeviceMapping><tagSet>\(tag)<item><key>plan</key><value>blue</value>
            </item><item><key>infrafs:current</key><value>s</value></item></tagSet><networkInterfaceSet><item>
            <networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
            <macAddress>02:00:00:00:00:01</macAddress><attachment><attachmentId>eni-attach-1</attachmentId>
            <deviceIndex>0</deviceIndex><attachTime>2026-01-02T03:04:05.000Z</attachTime></attachment>
            <privateIpAddressesSet><item><privateIpAddress>10.0.0.5</privateIpAddress><association><publicIp>54.1.2.3
            </publicIp></association></item></privateIpAddressesSet></item></networkInterfaceSet></item>
            """
    }

    static func set(_ action: String, _ name: String, _ items: String...) -> StubReply {
        .xml(200, "<\(action)Response><\(name)>\(items.joined())</\(name)></\(action)Response>")
    }

    static func done(_ action: String) -> StubReply {
        .xml(200, "<\(action)Response><return>true</return></\(action)Response>")
    }
}
