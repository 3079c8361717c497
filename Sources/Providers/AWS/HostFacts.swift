import ProviderAPI

/// The account and its region.
struct HostFacts: HostService {
    let account: Account
    let identity: Identity

    func info() async throws(ProviderError) -> [Value.Entry] {
        async let caller = identity.caller()
        async let zones = account.ec2.zones(to: "read zones")
        async let attributes = account.ec2.accountAttributes(to: "read quotas")
        do {
            let who = try await caller
            var facts = [
                Value.Entry("account", .text(who.account)), Value.Entry("arn", .text(who.arn)),
                Value.Entry("region", .text(account.region)), Value.Entry("zones", Value(try await zones)),
            ]
            for (name, text) in try await attributes.sorted(by: { $0.key < $1.key }) {
                let key = name.map { $0 == "-" ? "_" : String($0) }.joined()
                facts.append(Value.Entry(key, Int(text).map(Value.number) ?? .text(text)))
            }
            return facts
        } catch {
            throw ProviderError(wrapping: error)
        }
    }
}
