import ProviderAPI
import Testing

@testable import LibvirtProvider

struct ConnectionURITests {
    @Test(
        arguments: [
            ([:], "qemu:///system"),
            (["session": .flag(true)], "qemu:///session"),
            (["socket": .text("/run/x")], "qemu+unix:///system?socket=/run/x"),
            (["host": .text("h1")], "qemu+ssh://root@h1/system?no_tty=1"),
            (
                ["host": .text("h1"), "user": .text("me"), "port": .number(2222), "keyfile": .text("/k")],
                "qemu+ssh://me@h1:2222/system?no_tty=1&keyfile=/k"
            ),
            (["host": .text("h1"), "protocol": .text("tls")], "qemu+tls://h1/system"),
            (["host": .text("h1"), "protocol": .text("tcp"), "port": .number(22)], "qemu+tcp://h1/system"),
            (["host": .text("fd00::1"), "protocol": .text("tcp")], "qemu+tcp://[fd00::1]/system"),
            (["url": .text("test:///default"), "host": .text("ignored")], "test:///default"),
        ] as [([String: Value], String)])
    func kclisKeysMakeTheURI(values: [String: Value], uri: String) throws {
        #expect(try ConnectionURI(ProviderSettings(name: "lab", values: values), home: nil).text == uri)
    }

    @Test(
        arguments: [
            ["url": .text("nonsense")], ["host": .text("qemu:///system")],
            ["host": .text("h"), "protocol": .text("ftp")],
            ["host": .text("h"), "port": .number(0)], ["virttype": .text("vmware")],
        ] as [[String: Value]])
    func whatCannotBeIsRefused(values: [String: Value]) {
        #expect { try Libvirt.registration.make(ProviderSettings(name: "lab", values: values)) } throws: { error in
            (error as? ProviderError)?.code == .invalidValue
        }
    }

    @Test func whatCanBeDoneIsKnownBeforeConnecting() throws {
        let settings = ProviderSettings(name: "lab", values: ["url": .text("qemu+tcp://192.0.2.1/system")])
        let provider = try Libvirt.registration.make(settings)
        #expect(provider.vms?.operations.contains(.growVMDisk) == true)
        let simulated = try Libvirt.registration.make(
            ProviderSettings(name: "lab", values: ["url": .text("test:///default")]))
        #expect(simulated.vms?.operations.contains(.growVMDisk) == false)
        #expect(provider.operations.union([.events]) == Libvirt.registration.operations)
    }

    @Test(arguments: [
        ("192.168.50.7/24", "192.168.50.0/24", "192.168.50.1", "192.168.50.254"),
        ("10.0.0.0/30", "10.0.0.0/30", "10.0.0.1", "10.0.0.2"),
        ("172.16.0.0/12", "172.16.0.0/12", "172.16.0.1", "172.31.255.254"),
    ])
    func rangesOfAddresses(cidr: String, base: String, first: String, last: String) throws {
        let range = try #require(AddressRange(cidr: cidr))
        #expect(range.cidr == base)
        #expect(range.address(1) == first)
        #expect(range.address(-2) == last)
    }

    @Test func rangesOfIPv6() throws {
        let range = try #require(AddressRange(cidr: "fd00:1::/64"))
        #expect(range.address(1) == "fd00:1::1")
        #expect(AddressRange(cidr: "fd00::/129") == nil)
        #expect(AddressRange(cidr: "300.0.0.0/8") == nil)
        #expect(AddressRange(address: "192.168.122.1", netmask: "255.255.255.0")?.cidr == "192.168.122.0/24")
    }

    @Test(arguments: [
        ("qemu:///system", nil), ("qemu+ssh://root@kvm5:22/system?no_tty=1", "kvm5"),
        ("qemu+tls://kvm5/system", "kvm5"),
        ("qemu+tcp://[fd00::5]:16509/system", "[fd00::5]"), ("qemu+tcp://127.0.0.1/system", nil),
        ("qemu+unix:///system?socket=/run/x", nil), ("test:///default", nil),
    ])
    func theHostIsKnown(uri: String, host: String?) {
        #expect(ConnectionURI.remoteHost(of: uri) == host)
    }
}
