import Foundation
import ProviderAPI
import Testing

@testable import LibvirtProvider

/// Volumes, images, snapshots and clones on the real host. In the same serial suite, since that one also stops the daemon.
extension RealHostTests {
    private func bulk<Item: Resource>(_ service: (any CollectionService<Item>)?) throws -> any BulkService<Item> {
        try #require(service as? any BulkService<Item>)
    }

    private func file(_ name: String) -> String { "\(host.directory)/pool/\(name)" }

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    /// Bytes that differ from place to place.
    private func pattern(_ count: Int, seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 / 7) ^ ($0 >> 11) ^ seed) }
    }

    private func qemu(_ arguments: String...) throws -> String { try RealHost.run("/usr/bin/env", arguments) }

    private func read(_ content: any BulkContent, _ offset: Int, _ count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let piece = try await content.read(offset: offset + all.count, count: min(count - all.count, 1 << 17))
            if piece.isEmpty { break }
            all += piece
        }
        return all
    }

    @Test func contentIsReadAndWrittenInPlace() async throws {
        let disks = try bulk(provider.disks)
        let disk = try await disks.create(
            Specification(name: "content.img", values: ["size": .number(1), "format": .text("raw")]), job)
        let (first, second) = (pattern(3 << 20, seed: 1), pattern(1 << 20, seed: 2))
        let writer = try await disks.content(of: disk.id, writable: true)
        #expect(writer.size == 1 << 30)
        for start in stride(from: 0, to: first.count, by: 1 << 18) {
            try await writer.write(Array(first[start..<start + 1 << 18]), offset: start)
        }
        try await writer.write(second, offset: 500 << 20)
        try await writer.flush()
        #expect(try host.virsh("vol-info", "--bytes", "content.img", "default").contains("1073741824"))
        let onHost = try FileHandle(forReadingAtPath: file("content.img")).map { handle in
            try handle.seek(toOffset: 500 << 20)
            return Array(try #require(try handle.read(upToCount: 1 << 20)))
        }
        #expect(onHost == second)
        let reader = try await disks.content(of: disk.id, writable: false)
        #expect(try await read(reader, 0, first.count) == first)
        #expect(try await read(reader, 500 << 20, second.count) == second)
        #expect(try await reader.read(offset: (1 << 30) - 10, count: 100).count == 10)
        #expect(try await reader.read(offset: 1 << 30, count: 100).isEmpty)
        // Data and holes, as SEEK_DATA and SEEK_HOLE ask for them.
        #expect(try await reader.seek(offset: 0, hole: false) == 0)
        #expect(try await reader.seek(offset: 0, hole: true) == first.count)
        #expect(try await reader.seek(offset: 4 << 20, hole: false) == 500 << 20)
        #expect(try await reader.seek(offset: 4 << 20, hole: true) == 4 << 20)
        #expect(try await reader.seek(offset: 501 << 20, hole: false) == nil)
        #expect(try await reader.seek(offset: 501 << 20, hole: true) == 501 << 20)
        // A write in the middle leaves the rest; a truncation does not.
        try await writer.write([1, 2, 3], offset: 10)
        try await writer.flush()
        let again = try await disks.content(of: disk.id, writable: false)
        #expect(try await read(again, 8, 7) == [first[8], first[9], 1, 2, 3, first[13], first[14]])
        try await writer.truncate(to: 0)
        try await writer.write([9], offset: 70_000)
        try await writer.truncate(to: 100_000)
        try await writer.close()
        let last = try bytes("content.img")
        #expect(last.count == 100_000 && last[70_000] == 9 && last.filter { $0 != 0 }.count == 1)
        try await disks.delete(disk.id, job)
    }

    /// Overwrites a whole volume, as `cp` does: pieces that follow each other go without waiting where there is room.
    private func overwrite(_ content: any BulkContent, _ bytes: [UInt8]) async throws {
        try await content.truncate(to: 0)
        for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
            let piece = Array(bytes[start..<min(start + 1 << 20, bytes.count)])
            if !content.writeNow(piece, offset: start) { try await content.write(piece, offset: start) }
        }
    }

    @Test func whatIsWrittenOverAVolumeIsAllThereIs() async throws {
        let disks = try bulk(provider.disks)
        let disk = try await disks.create(
            Specification(name: "over.img", values: ["size": .number(1), "format": .text("raw")]), job)
        let (old, short, long) = (
            pattern(6 << 20, seed: 1), pattern(2_500_000, seed: 2), pattern(7 << 20 + 5, seed: 3)
        )
        let writer = try await disks.content(of: disk.id, writable: true)
        for new in [old, short, long] {
            try await overwrite(writer, new)
            try await writer.flush()
            #expect(try bytes("over.img") == new)
        }
        // What was empty when it was opened, too.
        let images = try bulk(provider.images)
        let image = try await images.create(Specification(name: "over"), job)
        let drawn = try await images.content(of: image.id, writable: true)
        for new in [short, old, short] {
            try await overwrite(drawn, new)
            try await drawn.flush()
            #expect(try bytes("over") == new)
        }
        try await drawn.close()
        try await images.delete(image.id, job)
        // Nothing of the old shows where nothing new is.
        try await overwrite(writer, short)
        try await writer.write([7, 8, 9], offset: 10 << 20)
        #expect(writer.size == 10 << 20 + 3)
        try await writer.flush()
        let gap = [UInt8](repeating: 0, count: 10 << 20 - short.count)
        #expect(try bytes("over.img") == short + gap + [7, 8, 9])
        // One that goes back, and one that ends it elsewhere.
        try await overwrite(writer, old)
        try await writer.write([1, 2, 3], offset: 5)
        try await writer.truncate(to: 1 << 20)
        try await writer.flush()
        #expect(try bytes("over.img") == Array(old[..<5]) + [1, 2, 3] + Array(old[8..<1 << 20]))
        try await overwrite(writer, short)
        try await writer.truncate(to: 4 << 20)
        try await writer.close()
        #expect(try bytes("over.img") == short + [UInt8](repeating: 0, count: 4 << 20 - short.count))
        let last = try await disks.content(of: disk.id, writable: true)
        try await last.truncate(to: 0)
        try await last.close()
        #expect(try bytes("over.img") == [0], "libvirt cuts a file to one byte at least")
        try await disks.delete(disk.id, job)
    }

    @Test func anImageIsMadeByWritingIt() async throws {
        let images = try bulk(provider.images)
        let plain = try bytes("guest.qcow2")
        let image = try await images.create(Specification(name: "copied"), job)
        #expect(image.size == 0)
        #expect(await refusal { _ = try await images.create(Specification(name: "copied"), job) } == .alreadyExists)
        #expect(await refusal { _ = try await images.create(Specification(name: "x_0.img"), job) } == .invalidValue)
        let writer = try await images.content(of: image.id, writable: true)
        try await writer.truncate(to: 0)
        for start in stride(from: 0, to: plain.count, by: 1 << 20) {
            try await writer.write(Array(plain[start..<min(start + 1 << 20, plain.count)]), offset: start)
        }
        try await writer.flush()
        try await writer.close()
        #expect(try bytes("copied") == plain)
        try await eventually("libvirt sees what it is", within: .seconds(10)) {
            try await images.items([image.id]).first?.format == "qcow2"
        }
        #expect(try await images.items([image.id]).first?.size == plain.count)
        // A machine on it: it can be read, and neither written nor deleted.
        let made = try await vms.create(
            Specification(name: "img1", values: ["image": .text("copied"), "memory": .number(128)]), job)
        #expect(await refusal { _ = try await images.content(of: image.id, writable: true) } == .busy)
        #expect(await refusal { try await images.delete(image.id, job) } == .busy)
        let volume = try #require(made.disks.first?.volume)
        let disks = try bulk(provider.disks)
        #expect(await refusal { _ = try await disks.content(of: volume, writable: true) } == .busy)
        #expect(await refusal { try await disks.delete(volume, job) } == .busy)
        let running = try await disks.content(of: volume, writable: false)
        #expect(try await running.read(offset: 0, count: 4) == [0x51, 0x46, 0x49, 0xfb])
        _ = try await vms.apply(.power(.down), to: made.id, job)
        try await vms.delete(made.id, job)
        try await images.delete(image.id, job)
        #expect(!FileManager.default.fileExists(atPath: file("copied")))
    }

    @Test func aMachineIsClonedAndExported() async throws {
        let made = try await vms.create(
            Specification(
                name: "orig",
                values: ["image": .text("guest.qcow2"), "memory": .number(128), "plan": .text("p")]), job)
        #expect(
            await refusal { _ = try await vms.apply(.clone(name: "c0", full: false, start: false), to: made.id, job) }
                == .busy)
        #expect(await refusal { _ = try await vms.apply(.export(image: "gold"), to: made.id, job) } == .busy)
        _ = try await vms.apply(.power(.down), to: made.id, job)
        _ = try qemu("qemu-io", "-c", "write -P 0x5a 1M 64k", file("orig_0.img"))
        _ = try await vms.apply(.clone(name: "linked", full: false, start: true), to: made.id, job)
        _ = try await vms.apply(.clone(name: "whole", full: true, start: false), to: made.id, job)
        _ = try await vms.apply(.export(image: "gold"), to: made.id, job)
        #expect(await refusal { _ = try await vms.apply(.export(image: "gold"), to: made.id, job) } == .alreadyExists)
        #expect(
            await refusal { _ = try await vms.apply(.clone(name: "whole", full: true, start: false), to: made.id, job) }
                == .alreadyExists)
        let all = try await vms.items(try await vms.list().map(\.id))
        let linked = try #require(all.first { $0.name == "linked" })
        let whole = try #require(all.first { $0.name == "whole" })
        #expect(linked.status == .up && whole.status == .down)
        #expect(linked.metadata["plan"] == "p")
        #expect(Set([made, linked, whole].map { $0.nics[0].mac ?? "" }).count == 3)
        _ = try await vms.apply(.power(.down), to: linked.id, job)
        #expect(try qemu("qemu-img", "info", file("linked_0.img")).contains("guest.qcow2"))
        #expect(!(try qemu("qemu-img", "info", file("whole_0.img")).contains("backing file")))
        #expect(!(try qemu("qemu-img", "info", file("gold")).contains("backing file")))
        for copy in ["whole_0.img", "gold"] {
            _ = try qemu("qemu-img", "compare", file(copy), file("orig_0.img"))
        }
        #expect(try await provider.images?.list().contains { $0.name == "gold" } == true)
        for machine in [made, linked, whole] { try await vms.delete(machine.id, job) }
        #expect(!(try host.virsh("vol-list", "default").contains("_0.img")), "each volume went with its machine")
        let gold = try #require(try await provider.images?.list().first { $0.name == "gold" })
        try await provider.images?.delete(gold.id, job)
    }

    // MARK: Snapshots

    private func mark(_ byte: Int, _ path: String) throws {
        _ = try qemu("qemu-io", "-c", "write -P \(byte) 0 64k", path)
    }

    private func holds(_ byte: Int, _ path: String) throws -> Bool {
        !(try qemu("qemu-io", "-c", "read -P \(byte) 0 64k", path).contains("Pattern verification failed"))
    }

    private func snapshot(_ name: String, _ values: [String: Value] = [:]) -> VirtualMachine.Change {
        .createSnapshot(Specification(name: name, values: values))
    }

    private func path(_ id: VirtualMachine.ID) async throws -> String {
        try #require(try await fresh(id).disks[0].path)
    }

    @Test func rawDisksAreKeptOutsideThemselves() async throws {
        let disk: Value = .map([.init("vda", .map([.init("size", .number(1)), .init("format", .text("raw"))]))])
        let made = try await vms.create(
            Specification(name: "raw1", values: ["memory": .number(128), "start": .flag(false), "disks": disk]), job)
        let id = made.id
        let base = try await path(id)
        try mark(1, base)
        #expect(
            await refusal { _ = try await vms.apply(snapshot("no", ["external": .flag(false)]), to: id, job) }
                == .unsupported)
        let one = try await vms.apply(snapshot("one", ["description": .text("first")]), to: id, job)
        #expect(one.snapshots.map(\.name) == ["one"] && one.snapshots[0].description == "first")
        let top = try await path(id)
        #expect(top != base)
        try mark(2, top)
        let two = try await vms.apply(snapshot("two"), to: id, job)
        #expect(two.snapshots.map(\.parent) == [nil, "one"] && two.snapshots[1].current)
        try mark(3, try await path(id))
        // Back to the first: its state, both snapshots still there, and the second's volume safe.
        let back = try await vms.apply(.revertSnapshot("one"), to: id, job)
        #expect(try holds(1, try await path(id)))
        #expect(back.snapshots.map(\.name) == ["one", "two"] && back.snapshots[0].current)
        #expect(FileManager.default.fileExists(atPath: top))
        let disks = try #require(provider.disks)
        let kept = try #require(try await disks.list().first { $0.path == top })
        #expect(await refusal { try await disks.delete(kept.id, job) } == .busy)
        let again = try await vms.apply(.revertSnapshot("two"), to: id, job)
        #expect(try holds(2, try await path(id)))
        #expect(again.snapshots[1].current)
        // On a branch that was left there is nothing to merge.
        _ = try await vms.apply(.revertSnapshot("one"), to: id, job)
        #expect(try await vms.apply(.deleteSnapshot("two"), to: id, job).snapshots.map(\.name) == ["one"])
        try mark(4, try await path(id))
        // Deleting keeps what was written since, in the first volume.
        #expect(try await vms.apply(.deleteSnapshot("one"), to: id, job).snapshots.isEmpty)
        #expect(try await path(id) == base)
        #expect(try holds(4, base))
        try await vms.delete(id, job)
        #expect(try await vms.list().allSatisfy { $0.id != id })
        #expect(!(try host.virsh("vol-list", "default").contains("raw1_")), "each volume went with its machine")
    }

    @Test func snapshotsOfARunningMachine() async throws {
        let made = try await vms.create(
            Specification(name: "snap1", values: ["image": .text("guest.qcow2"), "memory": .number(128)]), job)
        let id = made.id
        #expect(
            await refusal {
                _ = try await vms.apply(snapshot("x", ["external": .flag(false), "memory": .flag(false)]), to: id, job)
            } == .unsupported)
        let inside = try await vms.apply(snapshot("inside"), to: id, job)
        #expect(inside.snapshots.first?.state == "running")
        _ = try await vms.apply(.power(.down), to: id, job)
        #expect(try await vms.apply(.revertSnapshot("inside"), to: id, job).status == .up, "its memory came back")
        _ = try await vms.apply(.deleteSnapshot("inside"), to: id, job)
        let base = try await path(id)
        let outside = try await vms.apply(snapshot("outside", ["memory": .flag(false)]), to: id, job)
        #expect(outside.snapshots.first?.state == "disk-snapshot")
        #expect(try await path(id) != base)
        let whole = try await vms.apply(
            snapshot("whole", ["external": .flag(true), "memory": .flag(true)]), to: id, job)
        #expect(whole.snapshots.last?.state == "running")
        #expect(FileManager.default.fileExists(atPath: file("snap1.whole.mem")))
        _ = try await vms.apply(.power(.down), to: id, job)
        #expect(try await vms.apply(.revertSnapshot("whole"), to: id, job).status == .up, "its memory came back")
        #expect(try await vms.apply(.revertSnapshot("outside"), to: id, job).status == .down)
        _ = try await vms.apply(.revertSnapshot("whole"), to: id, job)
        // Merged while it runs.
        #expect(try await vms.apply(.deleteSnapshot("whole"), to: id, job).snapshots.map(\.name) == ["outside"])
        #expect(!FileManager.default.fileExists(atPath: file("snap1.whole.mem")))
        #expect(try await vms.apply(.deleteSnapshot("outside"), to: id, job).snapshots.isEmpty)
        #expect(try await path(id) == base)
        #expect(try await fresh(id).status == .up)
        _ = try await vms.apply(.power(.down), to: id, job)
        try await vms.delete(id, job)
        #expect(!(try host.virsh("vol-list", "default").contains("snap1")))
    }

    @Test func poolsOfOtherTypesAreRefusedByWords() async throws {
        let pools = try #require(provider.pools)
        let make = { (values: [String: Value]) in
            await refusal { _ = try await pools.create(Specification(name: "odd", values: values), job) }
        }
        #expect(await make(["type": .text("netfs")]) == .invalidValue)
        #expect(await make(["type": .text("logical"), "source_name": .text("no-such-group")]) != nil)
        #expect(await make(["path": .text("relative")]) == .invalidValue)
        #expect(
            !(try host.virsh("pool-list", "--all", "--name").contains("odd")), "nothing is left of a pool that failed")
    }
}
