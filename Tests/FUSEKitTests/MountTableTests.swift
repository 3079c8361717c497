import Testing

@testable import FUSEKit

/// The reading of /proc/self/mountinfo.
@Suite struct MountTableTests {
    private let table = MountTable(
        text: """
            22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            30 22 0:25 / /mnt/a\\040b rw,nosuid shared:7 master:2 - fuse.infra infra:lab rw,user_id=0
            31 30 0:26 / /mnt/a\\040b rw - fuse.sshfs host:\\134x rw
            not a line
            """)

    @Test func fieldsAreRead() {
        #expect(table.mounts.map(\.device) == ["254:1", "0:25", "0:26"])
        #expect(table.mounts.map(\.type) == ["ext4", "fuse.infra", "fuse.sshfs"])
        #expect(table.mounts.last?.source == "host:\\x")
    }

    @Test func theLastMountAtAPathIsSeen() {
        #expect(table.top(at: "/mnt/a b")?.type == "fuse.sshfs")
        #expect(table.top(at: "/mnt") == nil)
    }

    @Test func aPathIsHeldByTheNearestMountAbove() {
        #expect(table.holding("/mnt/a b/c/d")?.type == "fuse.sshfs")
        #expect(table.holding("/mnt/a bc")?.type == "ext4")
        #expect(table.holding("/")?.type == "ext4")
    }

    @Test func theSystemsTableHasARoot() {
        #expect(MountTable.current().top(at: "/") != nil)
    }
}
