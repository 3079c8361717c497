import FoundationEssentials
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

@Suite struct IdentityTests {
    @Test func aTokenIsAskedForOnceAndSentWithEverything() async throws {
        let rig = try Rig()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await rig.vms().list() } }
            try await group.waitForAll()
        }
        #expect(rig.cloud.tokensGiven == 1)
        let body = try #require(rig.bodies("POST", "/v3/auth/tokens").first)["auth"]
        #expect(body["identity"]["methods"] == ["password"])
        #expect(
            body["identity"]["password"]["user"]
                == ["name": "demo", "password": .text(rig.cloud.account.password), "domain": ["id": "default"]])
        #expect(body["scope"] == ["project": ["name": "demo", "domain": ["id": "default"]]])
        let others = rig.server.requests.filter { !$0.path.hasPrefix("/identity") }
        #expect(others.allSatisfy { $0.header("X-Auth-Token") == "token-1" })
    }

    @Test func aTokenRefusedInTheMiddleOfAListingIsRenewed() async throws {
        let rig = try Rig()
        let all = try await rig.vms().list().map(\.name)
        #expect(all.count > 3, "it has to be more than a page")
        let path = "/compute/v2.1/servers/detail"
        let first = try #require(rig.cloud.rows("servers").first)
        let next = JSON.text("http://elsewhere\(path)?marker=\(first["id"].string ?? "")")
        let page: JSON = ["servers": [first], "servers_links": [["rel": "next", "href": next]]]
        let headers = ["Content-Type": "application/json"]
        let (one, none) = (page.bytes, (["servers": []] as JSON).bytes)
        rig.server.on("GET", path, .answer(200, headers, one), .json(401, "{}"), .answer(200, headers, none))
        #expect(try await rig.vms().list().count == 1)
        #expect(rig.cloud.tokensGiven == 2, "a refused token is renewed once")
        rig.server.on("GET", path, .answer(200, headers, one), .json(401, "{}"))
        let refused = await rig.failure { _ = try await rig.vms().list() }
        #expect(refused?.code == .credentialsRejected, "half a listing is none")
        #expect(rig.cloud.tokensGiven == 3)
    }

    @Test func aWrongPasswordIsSaidToBeOneAndNotShown() async throws {
        let cloud = try StubCloud()
        let provider = try OpenStackProvider(
            ProviderSettings(
                name: "cloud",
                values: ["auth_url": .text(cloud.identity), "user": .text("demo"), "project": .text("demo")],
                secrets: ["password": Secret("wrong-one")]), environment: { _ in nil })
        do {
            try await provider.check()
            Issue.record("it was let in")
        } catch {
            #expect(error.code == .credentialsRejected)
            #expect(!error.description.contains("wrong-one"))
        }
    }

    @Test func whatTheCatalogueLacksIsNotThere() async throws {
        let rig = try Rig(absent: ["dns", "object-store", "volumev3"])
        #expect(rig.provider.absentKinds.isEmpty, "nothing is known yet")
        try await rig.provider.check()
        #expect(rig.provider.absentKinds == [.dns, .buckets, .disks])
        // The machines are whole all the same: nothing is said to be missing.
        let machine = try await rig.vm("web1")
        #expect(machine.fault == nil && machine.disks.map(\.type) == ["local"])
    }

    @Test func anUnknownRegionIsRefusedByName() async throws {
        let rig = try Rig(["region_name": .text("Mars")])
        let failure = await rig.failure { try await rig.provider.check() }
        #expect(failure?.code == .invalidValue)
        #expect(failure?.message.contains("RegionOne") == true)
    }

    // MARK: Where accounts come from

    private func account(
        _ values: [String: Value] = [:], secrets: [String: Secret] = [:], environment: [String: String]
    ) throws -> Account {
        try OpenStackOptions.account(
            ProviderSettings(name: "cloud", values: values, secrets: secrets), environment: { environment[$0] })
    }

    @Test func theEnvironmentIsAnAccount() throws {
        let account = try account(environment: [
            "OS_AUTH_URL": "https://id.example.org:5000", "OS_USERNAME": "ann", "OS_PASSWORD": "p",
            "OS_PROJECT_NAME": "web",
            "OS_USER_DOMAIN_NAME": "People", "OS_PROJECT_DOMAIN_ID": "d1", "OS_REGION_NAME": "north",
            "OS_INTERFACE": "internal", "OS_CACERT": "/etc/ca.pem",
        ])
        #expect(account.address == "https://id.example.org:5000")
        #expect(account.region == "north" && account.interface == "internal" && account.authorities == "/etc/ca.pem")
        guard case .password(let user, _) = account.proof else {
            Issue.record("no password")
            return
        }
        #expect(user == .init(name: "ann", domain: .init(name: "People")))
        #expect(account.scope == .project(.init(name: "web", domain: .init(id: "d1"))))
    }

    @Test func theConfigurationGoesBeforeTheEnvironment() throws {
        let account = try account(
            ["auth_url": .text("https://a.example.org"), "user": .text("bob"), "project_id": .text("p1")],
            secrets: ["password": Secret("mine")],
            environment: ["OS_AUTH_URL": "https://b.example.org", "OS_USERNAME": "ann", "OS_PASSWORD": "other"])
        #expect(account.address == "https://a.example.org")
        guard case .password(let user, let password) = account.proof else {
            Issue.record("no password")
            return
        }
        #expect(user.name == "bob" && password.reveal() == "mine")
    }

    /// An openrc exports the project's id, and the configuration names another project.
    @Test func whatIsSaidInAnotherWayFartherAwayDoesNotCount() throws {
        let account = try account(
            [
                "auth_url": .text("https://a.example.org"), "user": .text("bob"), "project": .text("web"),
                "domain": .text("People"),
            ],
            secrets: ["password": Secret("mine")],
            environment: [
                "OS_PROJECT_ID": "p9", "OS_USER_ID": "u9", "OS_USER_DOMAIN_ID": "d9", "OS_PROJECT_DOMAIN_ID": "d9",
                "OS_APPLICATION_CREDENTIAL_ID": "c9", "OS_APPLICATION_CREDENTIAL_SECRET": "theirs",
                "OS_AUTH_TYPE": "v3applicationcredential", "OS_TOKEN": "t9", "OS_REGION_NAME": "north",
            ])
        guard case .password(let user, let password) = account.proof, case .project(let project) = account.scope else {
            Issue.record("no password, or no project")
            return
        }
        #expect(user.id == nil && user.name == "bob" && password.reveal() == "mine")
        #expect(project.id == nil && project.name == "web")
        #expect(user.domain?.name == "People" && project.domain?.name == "People")
        #expect(account.region == "north")
    }

    @Test func aCloudOfCloudsYAMLHasItsSecretsBesideIt() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "infrafs-clouds-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = folder.appending(path: ".config/openstack")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let clouds = """
            clouds:
              other: {auth: {auth_url: https://other.example.org}}
              lab:
                region_name: south
                auth:
                  auth_url: https://id.example.org/v3
                  application_credential_id: c1
                auth_type: v3applicationcredential
            """
        let secure = "clouds: {lab: {auth: {application_credential_secret: geheim}}}\n"
        try Data(clouds.utf8).write(to: place.appending(path: "clouds.yaml"))
        try Data(secure.utf8).write(to: place.appending(path: "secure.yaml"))
        let environment = ["HOME": folder.path, "OS_CLOUD": "lab"]
        let account = try account(environment: environment)
        guard case .applicationCredential(let credential, _, let secret) = account.proof else {
            Issue.record("no application credential")
            return
        }
        #expect(credential.id == "c1" && secret.reveal() == "geheim" && account.region == "south")
        #expect(account.scope == .own)
        #expect(throws: ProviderError.self) { try self.account(["cloud": .text("nosuch")], environment: environment) }
    }

    @Test(arguments: [
        ([:], ProviderError.Code.credentialsMissing), (["OS_AUTH_URL": "https://x"], .credentialsMissing),
        (["OS_AUTH_URL": "https://x", "OS_USERNAME": "u", "OS_PASSWORD": "p"], .credentialsMissing),
        (
            [
                "OS_AUTH_URL": "https://x", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_NAME": "w",
                "OS_INTERFACE": "sideways",
            ], .invalidValue
        ), (["OS_AUTH_URL": "https://x", "OS_AUTH_TYPE": "v3kerberos"], .invalidValue),
    ])
    func whatIsMissingIsNamed(_ environment: [String: String], _ code: ProviderError.Code) throws {
        #expect {
            _ = try account(environment: environment)
        } throws: {
            ($0 as? ProviderError)?.code == code
        }
    }
}
