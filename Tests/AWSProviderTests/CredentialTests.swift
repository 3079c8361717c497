import HTTPKit
import ProviderAPI
import Synchronization
import Testing

@testable import AWSProvider

@Suite struct CredentialTests {
    struct Roles: RoleService {
        func assume(_ role: RoleWish, with credentials: Credentials) async throws(ProviderError) -> Credentials {
            Credentials(keyID: "\(role.arn)<\(credentials.keyID)", secret: Secret("s"), source: "role")
        }

        func assume(_ role: RoleWish, webIdentity file: String) async throws(ProviderError) -> Credentials {
            Credentials(keyID: "\(role.arn)<\(file)", secret: Secret("s"), source: "web")
        }
    }

    private func found(_ profile: String, config: String = "", credentials: String = "") async throws -> String? {
        let source = ProfileCredentials(
            files: SharedFiles(config: config, credentials: credentials), name: profile, isNamed: true, roles: Roles(),
            machine: [
                "Environment": FixedCredentials(environment: ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"])
            ],
            process: ProcessCredentials.run)
        return try await source.credentials()?.keyID
    }

    @Test func profilesAreReadAsAWSsToolsDo() async throws {
        let config = """
            # a comment
            [default]
            region = eu-west-1   ; here
            [profile dev]
            aws_access_key_id = FROM_CONFIG
            aws_secret_access_key = s
            [profile role]
            role_arn = arn:role
            source_profile = dev
            [profile self]
            role_arn = arn:self
            source_profile = self
            aws_access_key_id = OWN
            aws_secret_access_key = s
            [profile env]
            role_arn = arn:env
            credential_source = Environment
            [profile web]
            role_arn = arn:web
            web_identity_token_file = /token
            [profile runs]
            credential_process = echo '{"Version": 1, "AccessKeyId": "RUN", "SecretAccessKey": "s"}'
            """
        #expect(try await found("dev", config: config) == "FROM_CONFIG")
        let credentials = "[dev]\naws_access_key_id=FIRST\naws_secret_access_key = s\n"
        #expect(try await found("dev", config: config, credentials: credentials) == "FIRST")
        #expect(try await found("role", config: config) == "arn:role<FROM_CONFIG")
        #expect(try await found("self", config: config) == "arn:self<OWN")
        #expect(try await found("env", config: config) == "arn:env<ENV")
        #expect(try await found("web", config: config) == "arn:web</token")
        #expect(try await found("runs", config: config) == "RUN")
        #expect(SharedFiles(config: config).profile("default")?["region"] == "eu-west-1")
    }

    @Test(arguments: ["circle", "nosource", "mfa", "missing", "sso", "prints"])
    func whatCannotBeHadIsSaid(_ profile: String) async {
        let config = """
            [profile circle]
            role_arn = a
            source_profile = other
            [profile other]
            role_arn = b
            source_profile = circle
            [profile nosource]
            role_arn = a
            [profile mfa]
            role_arn = a
            source_profile = default
            mfa_serial = arn:mfa
            [profile sso]
            sso_session = x
            [profile prints]
            credential_process = echo nothing
            """
        let error = await #expect(throws: ProviderError.self) { _ = try await found(profile, config: config) }
        #expect(error?.code == .credentialsMissing)
    }

    @Test func servicesOfAProfileHaveTheirOwnAddresses() {
        let files = SharedFiles(
            config: "[services local]\nec2 =\n  endpoint_url = http://a\ns3 =\n  endpoint_url = http://b\n")
        #expect(
            files.services("local") == [
                "ec2": "", "ec2.endpoint_url": "http://a", "s3": "", "s3.endpoint_url": "http://b",
            ])
    }

    /// Gives other credentials each time.
    final class Counting: CredentialSource {
        let count = Mutex(0)

        func credentials() async throws(ProviderError) -> Credentials? {
            let number = count.withLock { count in
                count += 1
                return count
            }
            return Credentials(keyID: "K\(number)", secret: Secret("s"), expiration: 1000 * number, source: "test")
        }
    }

    @Test func credentialsAreRenewedBeforeTheyEndAndOnceForAll() async throws {
        let now = Mutex(0)
        let source = Counting()
        let store = CredentialStore([source], now: { now.withLock { $0 } })
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try? await store.current().keyID } }
            for await key in group { #expect(key == "K1") }
        }
        now.withLock { $0 = 600 }
        #expect(try await store.current().keyID == "K1")
        now.withLock { $0 = 701 }
        #expect(try await store.current().keyID == "K2")
        #expect(store.discard(try await store.current()))
        #expect(try await store.current().keyID == "K3")
    }

    @Test func nobodysCredentialsAreMissing() async throws {
        let store = CredentialStore([FixedCredentials(value: nil)], now: { 0 })
        let error = await #expect(throws: ProviderError.self) { _ = try await store.current() }
        #expect(error?.code == .credentialsMissing)
    }

    @Test func halfAKeyIsRefused() {
        let settings = ProviderSettings(name: "x", values: ["access_key_id": .text("A")])
        let error = #expect(throws: ProviderError.self) { _ = try AWSProvider(settings, environment: [:]) }
        #expect(error?.code == .invalidValue)
    }

    @Test(arguments: [
        ("region", Value.text("mars")), ("zone", .text("us-east-1a")), ("images", Value(["nameonly"])),
        ("images", Value(["stranger/x"])), ("endpoint_url", .text("ftp://x")),
        ("endpoint_url", .map([.init("sqs", .text("http://x"))])),
    ])
    func impossibleOptionsAreRefused(_ key: String, _ value: Value) {
        let settings = ProviderSettings(name: "x", values: [key: value])
        let error = #expect(throws: ProviderError.self) { _ = try AWSProvider(settings, environment: [:]) }
        #expect(error?.code == .invalidValue)
    }

    @Test func servicesAreWhereAWSHasThem() throws {
        let files = SharedFiles()
        for (region, route53, signing) in [
            ("eu-west-3", "https://route53.amazonaws.com", "us-east-1"),
            ("cn-north-1", "https://route53.amazonaws.com.cn", "cn-northwest-1"),
        ] {
            let endpoints = try Endpoints(
                ProviderSettings(name: "x"), region: region, environment: [:], files: files, profile: [:])
            #expect(try endpoints.url(of: .route53).description.hasPrefix(route53))
            #expect(endpoints.signingRegion(of: .route53) == signing)
            #expect(try endpoints.url(of: .ec2).host.hasPrefix("ec2.\(region).amazonaws.com"))
        }
    }
}
