import ProviderAPI
import ProviderTesting
import Testing

@testable import Tree

/// Inode numbers are kept by backups and by tools that compare: they may not change between versions of the program.
@Suite struct IdentityTests {
    /// Worked out by another implementation of FNV-1a and MurmurHash3's finaliser.
    @Test(
        arguments: [
            ("", 13_923_096_271_044_192_278), ("lab/capabilities", 4_774_620_375_350_922_725),
            ("lab/drafts/vms/web1", 3_500_835_624_469_166_815),
        ] as [(String, UInt64)])
    func pathsKeepTheirNumbers(path: String, inode: UInt64) {
        #expect(Identity.inode(path: path) == inode)
    }

    @Test(
        arguments: [
            ("id-web1", "", 5_713_831_216_259_330_919), ("id-web1", "memory", 12_639_924_067_196_343_872),
            ("id-web1", "disks/vda/size", 11_208_367_686_399_511_122),
            ("id-web1", "metadata/plan", 3_699_802_217_061_700_366),
            ("", "", 15_277_798_433_659_895_118),
        ] as [(String, String, UInt64)])
    func machinesKeepTheirNumbers(id: String, attribute: String, inode: UInt64) {
        #expect(Identity.inode("lab", .vms, id, attribute) == inode)
    }

    @Test func otherKindsKeepTheirNumbers() {
        #expect(Identity.inode("lab", .securityGroups, "sg-ü", "rules") == 7_503_193_198_013_035_761)
    }

    @Test func aNodeHasTheNumberOfItsPath() async throws {
        let mounted = MountedProvider(StubProvider(StubMachines.collection([StubMachines.machine("web1")])))
        #expect(try await mounted.driver.node("lab/vms/web1/memory").inode == 12_639_924_067_196_343_872)
        #expect(try await mounted.driver.node("lab/vms/web1").inode == 5_713_831_216_259_330_919)
        #expect(try await mounted.driver.node("lab/vms").inode == 15_277_798_433_659_895_118)
        #expect(try await mounted.driver.node("lab/vms/web1/disks/vda/size").inode == 11_208_367_686_399_511_122)
        #expect(try await mounted.driver.node("lab/vms/web1/metadata/plan").inode == 3_699_802_217_061_700_366)
        #expect(try await mounted.driver.node("lab/capabilities").inode == 4_774_620_375_350_922_725)
    }

    @Test func aMachineKeepsItsNumberWhenItsNameChanges() async throws {
        let mounted = MountedProvider(StubProvider(StubMachines.collection([StubMachines.machine("web1")])))
        let before = try await mounted.driver.node("lab/vms/web1/memory").inode
        try await mounted.driver.rename("lab/vms/web1", to: "lab/vms/db")
        #expect(try await mounted.driver.node("lab/vms/db/memory").inode == before)
        #expect(try await mounted.driver.line("lab/vms/db/name") == "db")
        #expect(try await !mounted.driver.exists("lab/vms/web1"))
    }

    @Test func numbersDoNotCollide() {
        var seen: Set<UInt64> = []
        for vm in 0..<5000 {
            for attribute in ["", "status", "memory", "disks/vda/size", "metadata/plan"] {
                seen.insert(Identity.inode("lab", .vms, "vm-\(vm)", attribute))
            }
        }
        #expect(seen.count == 25_000)
        #expect(!seen.contains(0) && !seen.contains(1))
    }
}
