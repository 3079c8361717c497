import ProviderAPI
import Testing
import XMLKit

@testable import LibvirtProvider

struct DomainDetailTests {
    @Test func readsWhatIsThere() throws {
        let detail = DomainDetail(
            try XMLElement(
                parsing: """
                    <domain type='kvm'><name>web1</name><uuid>u-1</uuid><description>hello
                    world</description>
                    <metadata><k:info xmlns:k="kvirt"><k:plan>p1</k:plan><k:image>deb12.qcow2</k:image></k:info>
                    <other:info xmlns:other="http://example.org"><other:plan>no</other:plan></other:info></metadata>
                    <memory unit='GiB'>4</memory><currentMemory unit='MiB'>2048</currentMemory>
                    <vcpu placement='static' current='2'>8</vcpu>
                    <os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
                    <devices>
                    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/p/web1_0.img'/>
                    <target dev='vda' bus='virtio'/></disk>
                    <disk type='volume' device='disk'><source pool='fast' volume='data'/><target dev='sdb' bus='scsi'/></disk>
                    <disk type='file' device='cdrom'><source file='/isos/debian 12.iso'/><target dev='hda' bus='ide'/></disk>
                    <interface type='network'><mac address='52:54:00:AA:bb:cc'/><source network='default'/>
                    <model type='virtio'/></interface>
                    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/></interface>
                    <graphics type='vnc' port='5901' autoport='yes' listen='::1'/>
                    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
                    </devices></domain>
                    """))
        #expect(detail.name == "web1")
        #expect(detail.description == "hello\nworld")
        #expect(detail.metadata == ["plan": "p1", "image": "deb12.qcow2"])
        #expect(detail.memory == 2048)
        #expect(detail.cpus == 2)
        #expect(detail.iso == "debian 12.iso")
        #expect(detail.disks.map(\.target) == ["vda", "sdb"])
        #expect(detail.disks.map(\.boot) == [true, false])
        #expect(detail.disks[1].pool == "fast")
        #expect(
            detail.sources == [
                .init(path: "/p/web1_0.img"), .init(path: nil, pool: "fast", volume: "data"),
                .init(path: "/isos/debian 12.iso"),
            ])
        #expect(detail.nics.map(\.network) == ["default", "br0"])
        #expect(detail.nics[0].mac == "52:54:00:aa:bb:cc")
        #expect(detail.screen?.address(remote: nil) == "vnc://[::1]:5901")
        #expect(detail.hasAgent)
    }

    @Test func anOddDomainIsNoTrap() throws {
        let detail = DomainDetail(
            try XMLElement(
                parsing: "<domain><vcpu>many</vcpu><memory unit='parsec'>x</memory><devices><disk/></devices></domain>")
        )
        #expect(detail.memory == nil)
        #expect(detail.cpus == nil)
        #expect(detail.disks.count == 1)
    }

    @Test func metadataKeepsWhatItDoesNotKnow() throws {
        let old = "<info><plan>a</plan><nested><deep x='1'/></nested></info>"
        let changed = try MachineMetadata.info(old, setting: "plan", to: "b & c")
        #expect(changed == "<info><nested><deep x='1'/></nested><plan>b &amp; c</plan></info>")
        #expect(
            try MachineMetadata.info(changed, setting: "plan", to: nil) == "<info><nested><deep x='1'/></nested></info>"
        )
        #expect(throws: ProviderError.self) { try MachineMetadata.info(nil, setting: "two words", to: "x") }
        #expect(throws: ProviderError.self) { try MachineMetadata.info(nil, setting: "1st", to: "x") }
    }

    @Test func datesAreKclis() {
        #expect(MachineMetadata.kcliDate(1_700_000_000) == "14-11-2023 22:13")
        #expect(MachineMetadata.isoDate(kcli: "14-11-2023 22:13") == "2023-11-14T22:13:00Z")
        #expect(MachineMetadata.isoDate(kcli: "yesterday") == nil)
        #expect(MachineMetadata.isoDate(1_700_000_000) == "2023-11-14T22:13:20Z")
    }

    @Test(arguments: [
        ("web", "web_0.img", true), ("web", "web_12.img", true), ("web", "web.ISO", true), ("web", "web.img", true),
        ("web", "web_1_0.img", false), ("web_1", "web_1_0.img", true), ("web", "web2_0.img", false),
        ("web", "other.qcow2", false), ("web", "disk-u-1-x", true), ("web", "web_data.img", false),
    ])
    func ownVolumesAreKclis(machine: String, volume: String, isOwn: Bool) {
        #expect(OwnVolumes.isOwn(volume, machine: machine, uuid: "u-1") == isOwn)
    }

    @Test(arguments: [
        ("<graphics type='vnc' port='5900' listen='127.0.0.1'/>", "vnc://127.0.0.1:5900", "vnc://kvm5:5900"),
        ("<graphics type='vnc' port='5900' listen='0.0.0.0'/>", "vnc://127.0.0.1:5900", "vnc://kvm5:5900"),
        ("<graphics type='vnc' port='5900' listen='10.0.0.9'/>", "vnc://10.0.0.9:5900", "vnc://10.0.0.9:5900"),
        (
            "<graphics type='spice' port='5900' tlsPort='5901' listen='::'/>", "spice://[::1]:5900?tls-port=5901",
            "spice://kvm5:5900?tls-port=5901"
        ),
        (
            "<graphics type='spice' tlsPort='5901'><listen type='address' address='fd00::1'/></graphics>",
            "spice://[fd00::1]?tls-port=5901", "spice://[fd00::1]?tls-port=5901"
        ),
        (
            "<graphics type='vnc' socket='/run/a.sock'><listen type='socket'/></graphics>", "vnc+unix:///run/a.sock",
            "vnc+unix:///run/a.sock"
        ),
    ])
    func viewersGetAnAddress(xml: String, here: String, there: String) throws {
        let screen = try #require(Screen(try XMLElement(parsing: xml)))
        #expect(screen.address(remote: nil) == here)
        #expect(screen.address(remote: "kvm5") == there)
    }

    @Test func aScreenWithoutAPortIsNowhere() throws {
        #expect(Screen(try XMLElement(parsing: "<graphics type='vnc' port='-1' autoport='yes'/>")) == nil)
        #expect(Screen(try XMLElement(parsing: "<graphics type='egl-headless'/>")) == nil)
    }

    @Test func disksGetFreeNames() throws {
        #expect(try DiskName.free(bus: "virtio", except: ["vda", "vdb"]) == "vdc")
        #expect(try DiskName.free(bus: "sata", wish: "sdz", except: []) == "sdz")
        #expect(try DiskName.free(bus: "sata", wish: "data", except: []) == "sda")
        #expect(throws: ProviderError.self) { try DiskName.free(bus: "floppy", except: []) }
    }
}
