import HTTPTesting
import ProviderAPI
import Testing

@testable import AWSProvider

@Suite struct FaultTests {
    @Test(arguments: [
        ("UnauthorizedOperation", ProviderError.Code.forbidden), ("AuthFailure", .credentialsRejected),
        ("SignatureDoesNotMatch", .credentialsRejected), ("RequestExpired", .credentialsExpired),
        ("ExpiredToken", .credentialsExpired), ("InvalidInstanceID.NotFound", .notFound),
        ("InvalidAMIID.NotFound", .notFound), ("InvalidInstanceID.Malformed", .invalidValue),
        ("InvalidParameterValue", .invalidValue), ("InvalidGroup.Duplicate", .alreadyExists),
        ("InstanceLimitExceeded", .quotaExceeded), ("VcpuLimitExceeded", .quotaExceeded),
        ("InsufficientInstanceCapacity", .noSpace), ("IncorrectInstanceState", .busy),
        ("DependencyViolation", .busy), ("VolumeInUse", .busy), ("HostedZoneNotEmpty", .notEmpty),
        ("NoSuchHostedZone", .notFound), ("OperationNotPermitted", .notPermitted), ("Unsupported", .unsupported),
        ("RequestLimitExceeded", .throttled), ("Throttling", .throttled),
    ])
    func codesOfAWSHaveOneMeaning(_ code: String, _ expected: ProviderError.Code) {
        #expect(AWSFaults.meaning(of: code) == expected)
    }

    @Test func theErrorHasAWSsOwnWords() async throws {
        let cloud = try StubCloud()
        cloud.on("DescribeInstances", .xml(403, StubCloud.fault("UnauthorizedOperation", "You may not")))
        cloud.on("DescribeVolumes", Answers.set("DescribeVolumes", "volumeSet"))
        let provider = try cloud.provider()
        let error = await #expect(throws: ProviderError.self) { _ = try await provider.vms?.list() }
        #expect(error?.code == .forbidden)
        #expect(error?.cause == "UnauthorizedOperation: You may not (request 11111111-2222)")
        #expect(try await provider.disks?.list().isEmpty == true, "one forbidden call is not all of them")
    }

    @Test func whatIsThrottledIsAskedAgain() async throws {
        let cloud = try StubCloud()
        cloud.on(
            "DescribeInstances", .xml(503, StubCloud.fault("RequestLimitExceeded", "slower")),
            Answers.instances([Answers.instance("i-1")]))
        #expect(try await cloud.provider().vms?.list().count == 1)
        #expect(cloud.calls("DescribeInstances").count == 2)
    }

    @Test func aMachineThatIsTakenOnIsNotTakenOnAgain() async throws {
        let cloud = try StubCloud()
        cloud.on("DescribeInstances", Answers.instances([Answers.instance("i-1", name: "web")]))
        cloud.on("RebootInstances", .xml(500, StubCloud.fault("InternalError", "who knows")))
        let provider = try cloud.provider()
        _ = await #expect(throws: ProviderError.self) {
            _ = try await provider.vms?.apply(.power(.restart), to: .init("i-1"), SilentJob())
        }
        #expect(cloud.calls("RebootInstances").count == 1, "nobody knows whether it was rebooted")
    }

    @Test func nonsenseIsToldAsSuch() async throws {
        let cloud = try StubCloud()
        cloud.on("DescribeInstances", .xml(200, "<DescribeInstancesResponse><reservationSet>"))
        let error = await #expect(throws: ProviderError.self) { _ = try await cloud.provider().vms?.list() }
        #expect(error?.code == .malformedReply)
    }

    @Test func secretsAreInNoError() async throws {
        let cloud = try StubCloud()
        cloud.on("DescribeInstances", .xml(403, StubCloud.fault("AuthFailure", "no")))
        let error = await #expect(throws: ProviderError.self) { _ = try await cloud.provider().vms?.list() }
        #expect(error.map { "\($0)".contains("SECRET") } == false)
        #expect(cloud.server.requests.first?.header("Authorization")?.contains("Credential=AKID/") == true)
    }
}
