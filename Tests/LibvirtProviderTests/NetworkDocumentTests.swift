import ProviderAPI
import Testing
import XMLKit

@testable import LibvirtProvider

/// A network with everything that a change must not lose.
private let rich = """
    <network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0' connections='1'>
      <name>lab</name>
      <uuid>7a1b7a1b-0000-4000-8000-000000000001</uuid>
      <metadata><!-- said by hand --><other:thing xmlns:other='urn:other'>kept</other:thing></metadata>
      <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
      <bridge name='virbr7' stp='on' delay='0'/>
      <domain name='lab.test'/>
      <dns><host ip='10.0.0.9'><hostname>old.lab.test</hostname><hostname>alias</hostname></host>
        <txt name='a.lab.test' value='b'/></dns>
      <ip address='10.0.0.1' netmask='255.255.255.0'>
        <dhcp>
          <range start='10.0.0.10' end='10.0.0.20'><lease expiry='1' unit='hours'/></range>
          <host mac='52:54:00:00:00:01' name='one' ip='10.0.0.5'><lease expiry='2' unit='hours'/></host>
        </dhcp>
      </ip>
      <dnsmasq:options><dnsmasq:option value='log-queries'/></dnsmasq:options>
    </network>
    """

struct NetworkDocumentTests {
    private func edited(_ change: Network.Change) throws -> (old: XMLElement, new: XMLElement) {
        let old = try XMLElement(parsing: rich)
        var new = old
        try NetworkEdit.apply(change, to: &new)
        return (old, new)
    }

    private func code(_ change: Network.Change) -> ProviderError.Code? {
        do {
            _ = try edited(change)
            return nil
        } catch {
            return (error as? ProviderError)?.code
        }
    }

    @Test(arguments: [
        Network.Change.service(.reservations(["52:54:00:00:00:01 10.0.0.5 one", "52:54:00:00:00:02 10.0.0.6"])),
        .service(.reservations([])), .service(.dhcpRange(["10.0.0.30 10.0.0.40"])), .link(.vlans(["web default 10"])),
    ])
    func whatHasASectionIsChangedWhileItRuns(_ change: Network.Change) throws {
        let (old, new) = try edited(change)
        #expect(new != old)
        #expect(NetworkUpdate(from: old, to: new) != nil)
    }

    @Test(arguments: [
        Network.Change.domain("other.test"), .link(.nat(false)), .service(.forwarders(["10.9.9.9"])),
        .link(.mtu(1400)), .plan("blue"),
    ])
    func theRestWaitsForAStart(_ change: Network.Change) throws {
        let (old, new) = try edited(change)
        #expect(new != old)
        #expect(NetworkUpdate(from: old, to: new) == nil)
    }

    @Test func whatAChangeDoesNotNameStays() throws {
        let lines = ["52:54:00:00:00:01 10.0.0.5 one", "52:54:00:00:00:02 10.0.0.6"]
        let (_, new) = try edited(.service(.reservations(lines)))
        let text = new.description
        for kept in ["<!-- said by hand -->", "urn:other", "log-queries", "expiry='2'", "expiry='1'", "'1024'"] {
            #expect(text.contains(kept), "\(kept) is lost")
        }
        #expect(new.all("ip/dhcp/host").map { $0["ip"] } == ["10.0.0.5", "10.0.0.6"])
    }

    @Test func theSameIsNoChange() throws {
        for change in [
            Network.Change.service(.reservations(["52:54:00:00:00:01 10.0.0.5 one"])),
            .service(.dhcpRange(["10.0.0.10 10.0.0.20"])), .service(.dns(true)), .dhcp(true), .domain("lab.test"),
        ] {
            let (old, new) = try edited(change)
            #expect(old == new, "\(change)")
        }
    }

    @Test func whatCannotBeIsRefused() {
        #expect(code(.dhcp(false)) == .notEmpty)
        #expect(code(.service(.dns(false))) == .notEmpty)
        #expect(code(.service(.reservations(["52:54:00:00:00:02 10.1.0.6"]))) == .invalidValue)
        #expect(code(.service(.reservations(["5254 10.0.0.6"]))) == .invalidValue)
        let twice = ["52:54:00:00:00:02 10.0.0.6", "52:54:00:00:00:03 10.0.0.6"]
        #expect(code(.service(.reservations(twice))) == .invalidValue)
        #expect(code(.service(.dhcpRange(["10.0.0.30"]))) == .invalidValue)
        #expect(code(.service(.dhcpRange(["10.0.0.30 10.0.1.4"]))) == .invalidValue)
        #expect(code(.service(.forwarders(["a b c"]))) == .invalidValue)
        #expect(code(.link(.mtu(5))) == .outOfRange)
        #expect(code(.link(.vlans(["web 5000"]))) == .invalidValue)
    }

    @Test func rangesAreComparedByTheirBits() throws {
        let wide = try #require(AddressRange(cidr: "10.0.0.0/8"))
        let narrow = try #require(AddressRange(cidr: "10.200.3.0/24"))
        let other = try #require(AddressRange(cidr: "11.0.0.0/24"))
        let six = try #require(AddressRange(cidr: "fd00::/64"))
        #expect(wide.overlaps(narrow) && narrow.overlaps(wide))
        #expect(!wide.overlaps(other) && !wide.overlaps(six))
        #expect(wide.contains("10.255.255.255") && !narrow.contains("10.200.4.1") && six.contains("fd00::1"))
    }

    // MARK: Names

    private func records(_ network: XMLElement) -> [String] {
        ZoneRecords.records(of: network).map { "\($0.name) \($0.type) \($0.values.joined(separator: ","))" }
    }

    @Test func recordsAreReadAndWritten() throws {
        var network = try XMLElement(parsing: rich)
        #expect(records(network) == ["a TXT b", "alias A 10.0.0.9", "old A 10.0.0.9"])
        try ZoneRecords.set(["10.0.0.9", "10.0.0.8"], of: "web", type: "A", in: &network)
        try ZoneRecords.set(["1 2 389 web.lab.test."], of: "_ldap._tcp", type: "SRV", in: &network)
        try ZoneRecords.set(["10.0.0.7"], of: "far.example.org.", type: "A", in: &network)
        try ZoneRecords.set(["10.0.0.1"], of: "@", type: "A", in: &network)
        try ZoneRecords.set([], of: "alias", type: "A", in: &network)
        #expect(
            records(network) == [
                "@ A 10.0.0.1", "_ldap._tcp SRV 1 2 389 web.lab.test", "a TXT b", "far.example.org. A 10.0.0.7",
                "old A 10.0.0.9", "web A 10.0.0.9,10.0.0.8",
            ])
        #expect(NetworkUpdate(from: try XMLElement(parsing: rich), to: network) != nil)
        for (name, type) in [("web", "A"), ("old", "A"), ("@", "A"), ("far.example.org.", "A"), ("a", "TXT")] {
            try ZoneRecords.set([], of: name, type: type, in: &network)
        }
        try ZoneRecords.set([], of: "_ldap._tcp", type: "SRV", in: &network)
        #expect(network.first("dns") == nil)
    }

    @Test(arguments: [
        ("web", "A", "fd00::1"), ("web", "AAAA", "10.0.0.1"), ("web", "A", "nonsense"), ("web", "SRV", "1 2 3 x"),
        ("_a._tcp", "SRV", "1 2 x y"), ("a b", "A", "10.0.0.1"),
    ])
    func rubbishIsRefused(_ name: String, _ type: String, _ value: String) throws {
        var network = try XMLElement(parsing: rich)
        let error = #expect(throws: ProviderError.self) {
            try ZoneRecords.set([value], of: name, type: type, in: &network)
        }
        #expect(error?.code == .invalidValue)
        #expect(network == (try XMLElement(parsing: rich)))
    }
}
