import CLibvirt

/// A snapshot of a domain (virDomainSnapshotPtr), owned. Every method blocks.
public final class DomainSnapshot {
    let pointer: virDomainSnapshotPtr

    init(adopting pointer: virDomainSnapshotPtr) {
        self.pointer = pointer
    }

    deinit {
        virDomainSnapshotFree(pointer)
    }

    /// Its name (virDomainSnapshotGetName).
    public var name: String { copied(virDomainSnapshotGetName(pointer)) }

    /// Its XML, with that of the domain as it was (virDomainSnapshotGetXMLDesc).
    public func xml() throws(LibvirtError) -> String {
        try adopt(virDomainSnapshotGetXMLDesc(pointer, 0))
    }

    /// Whether the domain's state descends directly from it (virDomainSnapshotIsCurrent).
    public func isCurrent() throws(LibvirtError) -> Bool {
        try check(virDomainSnapshotIsCurrent(pointer, 0)) == 1
    }

    /// Deletes it; its children stay (virDomainSnapshotDelete).
    public func delete() throws(LibvirtError) {
        try check(virDomainSnapshotDelete(pointer, 0))
    }

    /// Takes the domain back to it (virDomainRevertToSnapshot).
    public func revert() throws(LibvirtError) {
        try check(virDomainRevertToSnapshot(pointer, 0))
    }
}

extension Domain {
    /// How many snapshots it has (virDomainSnapshotNum).
    public func snapshotCount() throws(LibvirtError) -> Int {
        Int(try check(virDomainSnapshotNum(pointer, 0)))
    }

    /// Its snapshots, each parent before its children (virDomainListAllSnapshots).
    public func snapshots() throws(LibvirtError) -> [DomainSnapshot] {
        try adoptList(DomainSnapshot.init(adopting:)) {
            virDomainListAllSnapshots(pointer, $0, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL.rawValue)
        }
    }

    /// The snapshot of a name (virDomainSnapshotLookupByName).
    public func snapshot(named name: String) throws(LibvirtError) -> DomainSnapshot {
        DomainSnapshot(adopting: try check(virDomainSnapshotLookupByName(pointer, name, 0)))
    }

    /// Takes one (virDomainSnapshotCreateXML).
    @discardableResult
    public func createSnapshot(xml: String) throws(LibvirtError) -> DomainSnapshot {
        DomainSnapshot(adopting: try check(virDomainSnapshotCreateXML(pointer, xml, 0)))
    }
}
