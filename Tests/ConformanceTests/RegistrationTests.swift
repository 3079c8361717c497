import ProviderAPI
import Testing

@testable import infrafs

@Suite struct RegistrationTests {
    @Test(arguments: Subject.all)
    func everyRegisteredTypeHasAFixture(_ subject: Subject) throws {
        let fixture = try #require(
            subject.fixture,
            "\(subject.registration.type) is registered: give it a fixture, so that this suite runs over it")
        #expect(try fixture.make().type == subject.registration.type)
    }

    @Test func everyFixtureIsOfARegisteredType() {
        #expect(Set(Fixture.all.map(\.type)) == Set(allProviders.map(\.type)))
        #expect(Set(allProviders.map(\.type)).count == allProviders.count)
    }

    @Test func aTypeWithoutAFixtureIsNotPassedOver() async {
        let stranger = Subject(
            registration: ProviderRegistration(
                type: "stranger", help: "", options: [], operations: [],
                make: { _ throws(ProviderError) in throw ProviderError(.failed, "never made") }),
            fixture: nil)
        await #expect(throws: MissingFixture.self) { _ = try await Rig(stranger) }
    }

    @Test(arguments: Subject.all)
    func aProviderDoesNoMoreThanItsRegistrationSays(_ subject: Subject) async throws {
        let rig = try await Rig(subject)
        #expect(rig.capabilities.isSubset(of: subject.registration.operations.union([.hostInfo, .events])))
        #expect(rig.capabilities.contains(.listVMs))
    }
}
