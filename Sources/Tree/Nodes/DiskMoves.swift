import Inventory
import ProviderAPI

/// `mv` of disks: into a machine attaches, out of it detaches and keeps.
enum DiskMoves {
    static func attach(
        _ disk: ResourceReference<Disk>, to machine: ResourceReference<VirtualMachine>, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard disk.scope === machine.scope else {
            throw ProviderError(.unsupported, "a disk can be attached only to a machine of its own provider")
        }
        guard machine.scope.offers(.attachDisk) else { throw .unsupported(.attachDisk) }
        let id = disk.id
        return machine.apply(
            "\(machine.path)/disks", old: .none, new: .text(disk.path), by: caller
        ) { _ in .attachDisk(id) }
    }

    /// Takes a disk out of a machine. Its volume keeps its own name, so no other can be asked for; `mv` into the directory
    /// asks for that of the element. `volumeName` tells how a volume is listed.
    static func detach(
        _ element: ElementDirectory<VirtualMachine>, as name: String, by caller: Caller,
        _ volumeName: @escaping @Sendable (Disk.ID) -> String?
    ) throws(ProviderError) -> Answer<Void> {
        guard element.group.name == "disks", element.resource.scope.offers(.detachDisk) else {
            throw .unsupported(.detachDisk)
        }
        let disk = element.element
        let resource = element.resource
        return resource.apply(element.path, old: .text(disk), new: .none, by: caller) { machine throws(ProviderError) in
            // What is forbidden is told before what is impossible.
            try resource.permitChange()
            guard let attached = machine.disks.first(where: { $0.name == disk }) else {
                throw ProviderError(.notFound, "\(machine.name) has no disk \(disk)")
            }
            let own = attached.volume.flatMap(volumeName)
            guard name == EntryName.encode(disk) || name == own else {
                throw ProviderError(
                    .unsupported,
                    "the volume of \(disk) keeps its name\(own.map { ", \($0)" } ?? ""): mv it into disks/")
            }
            return .detachDisk(disk)
        }
    }
}
