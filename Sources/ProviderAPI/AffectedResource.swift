/// Another resource that a change has an effect on: what protects that one forbids the change as well.
public enum AffectedResource: Sendable, Hashable {
    /// By its name, which it has or gets.
    case named(Kind, String)
    /// A standing volume.
    case volume(Disk.ID)
}

extension Resource {
    /// Nothing but itself, unless its type says otherwise.
    public func affected(by change: Change?) -> [AffectedResource] { [] }
}

extension VirtualMachine {
    /// A new name, a copy or an image that is made, and the volumes that a change makes larger, moves or empties.
    public func affected(by change: Change?) -> [AffectedResource] {
        switch change {
        case .rename(let name), .clone(let name, _, _): [.named(.vms, name)]
        case .export(let image): [.named(.images, image)]
        case .attachDisk(let volume): [.volume(volume)]
        case .deleteDisk(let name), .detachDisk(let name), .growDisk(let name, _): volumes { $0.name == name }
        case .revertSnapshot, nil: volumes { _ in true }
        default: []
        }
    }

    private func volumes(where isMeant: (Disk) -> Bool) -> [AffectedResource] {
        disks.filter(isMeant).compactMap(\.volume).map(AffectedResource.volume)
    }
}

extension Network {
    /// The name that it gets.
    public func affected(by change: Change?) -> [AffectedResource] {
        guard case .rename(let name) = change else { return [] }
        return [.named(.networks, name)]
    }
}

extension Disk {
    /// The machines that it is a disk of.
    public func affected(by change: Change?) -> [AffectedResource] { vms.map { .named(.vms, $0) } }
}
