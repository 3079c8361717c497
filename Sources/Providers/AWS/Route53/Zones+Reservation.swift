import ProviderAPI

extension Zones {
    /// Keeps an A record of a new machine in its domain, as kcli does; a tag of the machine remembers it.
    func reserve(_ instance: EC2.Instance, _ specification: Specification, _ account: Account)
        async throws(ProviderError)
    {
        guard let domain = specification.text("domain") else {
            throw ProviderError(.invalidValue, "reservedns: domain is needed beside it")
        }
        guard let address = instance.publicAddress ?? instance.privateAddress else {
            throw ProviderError(.failed, "reservedns: \(instance.label) has no address yet")
        }
        let host = RecordText.relative(specification.name + "." + domain, to: domain)
        guard RecordText.isHost(host) else {
            throw ProviderError(.invalidValue, "reservedns: \(host) is no host name")
        }
        let zone = try await self.zone(holding: domain)
        let name = "\(host).\(domain)."
        let set = Route53.RecordSet(
            name: name, type: "A", ttl: Self.standardTTL, values: [address], alias: nil, hasPolicy: false)
        try await route53.change(zone.id, [(.create, set)], to: "reserve \(name)")
        try await account.ec2.setTags(
            [Tags.record: "\(zone.id) \(name)"], of: [instance.id], to: "note the record \(name)")
    }

    /// The public zone of a domain, or of the closest domain above it.
    private func zone(holding domain: String) async throws(ProviderError) -> Route53.Zone {
        let zones = try await route53.zones().filter { domain == $0.name || domain.hasSuffix("." + $0.name) }
        let best = zones.max { ($0.name.count, $0.isPrivate ? 0 : 1) < ($1.name.count, $1.isPrivate ? 0 : 1) }
        guard let best else { throw ProviderError(.invalidValue, "reservedns: no DNS zone holds \(domain)") }
        return best
    }

    /// Takes away the record that was reserved for a machine, unless it was changed since.
    func release(_ instance: EC2.Instance) async throws(ProviderError) {
        guard let words = instance.tags[Tags.record]?.split(separator: " "), words.count == 2 else { return }
        let addresses = Set([instance.publicAddress, instance.privateAddress].compactMap { $0 })
        let sets = try await route53.records(of: String(words[0])).filter { set in
            set.name == words[1] && set.type == "A" && !set.hasPolicy && set.values.count == 1
        }
        // A stopped machine has given its public address back: the record of its name is its own all the same.
        let own = sets.filter { addresses.isEmpty || instance.publicAddress == nil || addresses.contains($0.values[0]) }
        try await route53.change(
            String(words[0]), own.map { (.delete, $0) }, to: "release the record of \(instance.label)")
    }
}
