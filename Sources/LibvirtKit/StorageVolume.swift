import CLibvirt

/// A volume of a storage pool (virStorageVolPtr), owned. Every method blocks.
public final class StorageVolume {
    let pointer: virStorageVolPtr

    init(adopting pointer: virStorageVolPtr) {
        self.pointer = pointer
    }

    deinit {
        virStorageVolFree(pointer)
    }

    /// Its name in its pool (virStorageVolGetName).
    public var name: String { copied(virStorageVolGetName(pointer)) }

    /// Its identity (virStorageVolGetKey).
    public var key: String { copied(virStorageVolGetKey(pointer)) }

    /// Where the host keeps it (virStorageVolGetPath).
    public func path() throws(LibvirtError) -> String {
        try adopt(virStorageVolGetPath(pointer))
    }

    /// Its XML: sizes, format, path and what is behind it, in one call (virStorageVolGetXMLDesc).
    public func xml() throws(LibvirtError) -> String {
        try adopt(virStorageVolGetXMLDesc(pointer, 0))
    }

    /// Whether it is a directory of the host (virStorageVolGetInfo).
    public func isDirectory() throws(LibvirtError) -> Bool {
        var info = virStorageVolInfo()
        try check(virStorageVolGetInfo(pointer, &info))
        return UInt32(bitPattern: info.type) == VIR_STORAGE_VOL_DIR.rawValue
    }

    /// Bytes that it takes on the host (virStorageVolGetInfo).
    public func allocation() throws(LibvirtError) -> Int {
        var info = virStorageVolInfo()
        try check(virStorageVolGetInfo(pointer, &info))
        return Int(clamping: info.allocation)
    }

    /// The pool that holds it (virStoragePoolLookupByVolume).
    public func pool() throws(LibvirtError) -> StoragePool {
        StoragePool(adopting: try check(virStoragePoolLookupByVolume(pointer)))
    }

    /// Changes its capacity, in bytes (virStorageVolResize).
    public func resize(to bytes: Int) throws(LibvirtError) {
        try check(virStorageVolResize(pointer, UInt64(clamping: bytes), 0))
    }

    /// Deletes it (virStorageVolDelete).
    public func delete() throws(LibvirtError) {
        try check(virStorageVolDelete(pointer, 0))
    }
}

extension Connection {
    /// The volume of a key (virStorageVolLookupByKey).
    public func volume(key: String) throws(LibvirtError) -> StorageVolume {
        StorageVolume(adopting: try check(virStorageVolLookupByKey(pointer, key)))
    }

    /// The volume of a path (virStorageVolLookupByPath).
    public func volume(path: String) throws(LibvirtError) -> StorageVolume {
        StorageVolume(adopting: try check(virStorageVolLookupByPath(pointer, path)))
    }
}
