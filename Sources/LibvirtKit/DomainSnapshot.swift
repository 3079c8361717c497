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

    /// Its XML, with that of the domain as it was (virDomainSnapshotGetXMLDesc). `secrets` keeps passwords in it.
    public func xml(secrets: Bool = false) throws(LibvirtError) -> String {
        try adopt(virDomainSnapshotGetXMLDesc(pointer, secrets ? VIR_DOMAIN_SNAPSHOT_XML_SECURE.rawValue : 0))
    }

    /// Whether the domain's state descends directly from it (virDomainSnapshotIsCurrent).
    public func isCurrent() throws(LibvirtError) -> Bool {
        try check(virDomainSnapshotIsCurrent(pointer, 0)) == 1
    }

    /// How many snapshots were taken directly after it (virDomainSnapshotNumChildren).
    public func childCount() throws(LibvirtError) -> Int {
        Int(try check(virDomainSnapshotNumChildren(pointer, 0)))
    }

    /// Deletes it; its children stay. With `metadataOnly` libvirt forgets it, and touches no volume
    /// (virDomainSnapshotDelete).
    public func delete(metadataOnly: Bool = false) throws(LibvirtError) {
        let flags = metadataOnly ? VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY.rawValue : 0
        try check(virDomainSnapshotDelete(pointer, flags))
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

    /// Takes one outside the volumes, of all disks or of none (virDomainSnapshotCreateXML).
    public func createSnapshot(xml: String, keepingMemory: Bool) throws(LibvirtError) {
        var flags = VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC.rawValue
        if !keepingMemory { flags |= VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY.rawValue }
        _ = DomainSnapshot(adopting: try check(virDomainSnapshotCreateXML(pointer, xml, flags)))
    }

    /// Tells libvirt what a snapshot that it knows is like; with `isCurrent`, that the domain's state descends directly
    /// from it (virDomainSnapshotCreateXML with VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE).
    public func redefine(snapshot xml: String, isCurrent: Bool) throws(LibvirtError) {
        var flags = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE.rawValue
        if isCurrent { flags |= VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT.rawValue }
        _ = DomainSnapshot(adopting: try check(virDomainSnapshotCreateXML(pointer, xml, flags)))
    }
}

extension Connection {
    /// Starts a domain from a file with its memory, as this XML describes it (virDomainRestoreFlags).
    public func restore(from file: String, xml: String) throws(LibvirtError) {
        try check(virDomainRestoreFlags(pointer, file, xml, 0))
    }
}
