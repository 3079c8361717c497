public import ProviderAPI

/// The simulated cloud: a small company's fleet in memory, with every collection and every operation, states that take
/// time, events, and faults to rehearse.
public enum Fake {
    /// Everything it can do: all there is.
    public static let operations = Set(Operation.allCases)

    /// The `fake` type for the registry.
    public static let registration = ProviderRegistration(
        type: "fake", help: "a simulated cloud in memory, for demonstrations and rehearsals",
        options: FakeOptions.declared, operations: operations,
        make: { settings throws(ProviderError) in FakeProvider(try FakeOptions(settings)) })
}
