import ProviderAPI
import Testing

/// Words that users, scripts and the audit trail rely on.
@Suite struct VocabularyTests {
    @Test func operationsHaveUniqueNames() {
        let names = Operation.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.split(separator: ".").count >= 2 })
        #expect(Operation.allCases.sorted().map(\.rawValue) == names.sorted())
    }

    @Test(arguments: VirtualMachine.PowerAction.allCases)
    func everyPowerActionIsAnOperationOfItsOwn(action: VirtualMachine.PowerAction) {
        let others = VirtualMachine.PowerAction.allCases.filter { $0 != action }
        let operation = VirtualMachine.Change.power(action).operation
        #expect(others.allSatisfy { VirtualMachine.Change.power($0).operation != operation })
    }

    @Test func plainText() {
        #expect(Value.none.plainText == "")
        #expect(Value.flag(false).plainText == "no")
        #expect(Value(["a", "b"]).plainText == "a\nb")
        #expect(Value.map([.init("a", .number(1)), .init("b", .none)]).plainText == "a: 1\nb: ")
        #expect(Value(nil as String?) == .none)
        #expect(Value.map([.init("a", .number(1))])["a"] == .number(1))
        #expect(Value.text("a")["a"] == nil)
    }

    @Test func aSecretNeverPrints() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])", "\(Optional.some(secret) as Any)"]
        {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        let settings = ProviderSettings(name: "lab", secrets: ["password": secret])
        #expect(!"\(settings)".contains("hunter2"))
        #expect(secret.reveal() == "hunter2")
    }

    @Test func errorsKeepTheirCode() {
        let error = ProviderError(.busy, "it is running", cause: "code 55")
        #expect(ProviderError(wrapping: error) == error)
        #expect(ProviderError(wrapping: CancellationError()).code == .cancelled)
        #expect(error.description == "it is running: code 55")
        #expect(ProviderError(.busy, "a", cause: "a").description == "a")
        #expect(ProviderError(.busy, "a", cause: "").description == "a")
        #expect(ProviderError.unsupported(.cloneVM).message.contains("vm.clone"))
    }

    @Test func parametersHaveUniqueNamesAndAliases() {
        for parameters in [
            StandardParameters.vm, StandardParameters.vmDisk, StandardParameters.nic, StandardParameters.disk,
            StandardParameters.pool,
            StandardParameters.network, StandardParameters.subnet, StandardParameters.securityGroup,
            StandardParameters.image,
        ] {
            let names = parameters.flatMap { [$0.name] + $0.aliases }
            #expect(Set(names).count == names.count, "\(names)")
        }
    }

    /// A provider that offers nothing.
    private struct Bare: Provider {
        let type = "bare"
        func check() async throws(ProviderError) {}
        func close() async {}
    }

    @Test func aBareProviderOffersNothing() {
        #expect(Bare().operations.isEmpty)
        #expect(Bare().events() == nil)
        #expect(Bare().vms == nil)
    }
}
