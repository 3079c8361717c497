import CLibvirt

/// A storage pool (virStoragePoolPtr), owned. Every method blocks.
public final class StoragePool {
    let pointer: virStoragePoolPtr

    init(adopting pointer: virStoragePoolPtr) {
        self.pointer = pointer
    }

    deinit {
        virStoragePoolFree(pointer)
    }

    /// Its name (virStoragePoolGetName).
    public var name: String { copied(virStoragePoolGetName(pointer)) }

    /// Its identity (virStoragePoolGetUUIDString).
    public var uuid: String { LibvirtKit.uuid { virStoragePoolGetUUIDString(pointer, $0) } }

    /// Its XML (virStoragePoolGetXMLDesc).
    public func xml() throws(LibvirtError) -> String {
        try adopt(virStoragePoolGetXMLDesc(pointer, 0))
    }

    /// Whether it is started (virStoragePoolIsActive).
    public func isActive() throws(LibvirtError) -> Bool {
        try check(virStoragePoolIsActive(pointer)) == 1
    }

    /// Whether it has a definition (virStoragePoolIsPersistent).
    public func isPersistent() throws(LibvirtError) -> Bool {
        try check(virStoragePoolIsPersistent(pointer)) == 1
    }

    /// Makes what is behind it (virStoragePoolBuild): a directory, or with `isNew` a file system, a partition table or a
    /// volume group too, but never where there is one.
    public func build(isNew: Bool = false) throws(LibvirtError) {
        guard isNew else {
            try check(virStoragePoolBuild(pointer, 0))
            return
        }
        guard virStoragePoolBuild(pointer, VIR_STORAGE_POOL_BUILD_NO_OVERWRITE.rawValue) < 0 else { return }
        let error = LibvirtError.last()
        // Types on which nothing can be overwritten do not know the flag.
        guard [.invalidArgument, .argumentUnsupported, .operationUnsupported, .noSupport].contains(error.code) else {
            throw error
        }
        try check(virStoragePoolBuild(pointer, 0))
    }

    /// Starts it (virStoragePoolCreate).
    public func start() throws(LibvirtError) {
        try check(virStoragePoolCreate(pointer, 0))
    }

    /// Stops it; the volumes stay (virStoragePoolDestroy).
    public func stop() throws(LibvirtError) {
        try check(virStoragePoolDestroy(pointer))
    }

    /// Forgets its definition (virStoragePoolUndefine).
    public func undefine() throws(LibvirtError) {
        try check(virStoragePoolUndefine(pointer))
    }

    /// Looks at its volumes anew (virStoragePoolRefresh).
    public func refresh() throws(LibvirtError) {
        try check(virStoragePoolRefresh(pointer, 0))
    }

    /// Whether it starts with its host (virStoragePoolGetAutostart).
    public func autostart() throws(LibvirtError) -> Bool {
        var flag: Int32 = 0
        try check(virStoragePoolGetAutostart(pointer, &flag))
        return flag != 0
    }

    /// Makes it start with its host, or not (virStoragePoolSetAutostart).
    public func setAutostart(_ flag: Bool) throws(LibvirtError) {
        try check(virStoragePoolSetAutostart(pointer, flag ? 1 : 0))
    }

    /// Its volumes, in one call (virStoragePoolListAllVolumes).
    public func volumes() throws(LibvirtError) -> [StorageVolume] {
        try adoptList(StorageVolume.init(adopting:)) { virStoragePoolListAllVolumes(pointer, $0, 0) }
    }

    /// How many volumes it has (virStoragePoolNumOfVolumes).
    public func volumeCount() throws(LibvirtError) -> Int {
        Int(try check(virStoragePoolNumOfVolumes(pointer)))
    }

    /// The volume of a name (virStorageVolLookupByName).
    public func volume(named name: String) throws(LibvirtError) -> StorageVolume {
        StorageVolume(adopting: try check(virStorageVolLookupByName(pointer, name)))
    }

    /// Makes a volume (virStorageVolCreateXML).
    public func createVolume(xml: String) throws(LibvirtError) -> StorageVolume {
        StorageVolume(adopting: try check(virStorageVolCreateXML(pointer, xml, 0)))
    }

    /// Makes a volume with the content of another (virStorageVolCreateXMLFrom).
    public func createVolume(xml: String, copying source: StorageVolume) throws(LibvirtError) -> StorageVolume {
        StorageVolume(adopting: try check(virStorageVolCreateXMLFrom(pointer, xml, source.pointer, 0)))
    }
}

/// Which pools a listing has (virConnectListAllStoragePoolsFlags); none set means all.
public struct PoolFilter: OptionSet, Sendable {
    /// libvirt's bits.
    public let rawValue: UInt32

    /// Wraps libvirt's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Those that are started.
    public static let active = Self(rawValue: VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE.rawValue)
    /// Those that start with their host.
    public static let autostart = Self(rawValue: VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART.rawValue)
}

extension Connection {
    /// Storage pools, in one call (virConnectListAllStoragePools).
    public func pools(_ filter: PoolFilter = []) throws(LibvirtError) -> [StoragePool] {
        try adoptList(StoragePool.init(adopting:)) { virConnectListAllStoragePools(pointer, $0, filter.rawValue) }
    }

    /// The pool of a UUID (virStoragePoolLookupByUUIDString).
    public func pool(uuid: String) throws(LibvirtError) -> StoragePool {
        StoragePool(adopting: try check(virStoragePoolLookupByUUIDString(pointer, uuid)))
    }

    /// The pool of a name (virStoragePoolLookupByName).
    public func pool(named name: String) throws(LibvirtError) -> StoragePool {
        StoragePool(adopting: try check(virStoragePoolLookupByName(pointer, name)))
    }

    /// Which types of pools this libvirt was built with, as XML (virConnectGetStoragePoolCapabilities).
    public func poolCapabilities() throws(LibvirtError) -> String {
        try adopt(virConnectGetStoragePoolCapabilities(pointer, 0))
    }

    /// Defines a persistent pool (virStoragePoolDefineXML).
    public func define(pool xml: String) throws(LibvirtError) -> StoragePool {
        StoragePool(adopting: try check(virStoragePoolDefineXML(pointer, xml, 0)))
    }
}
