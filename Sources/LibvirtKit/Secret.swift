import CLibvirt

/// A secret that a host keeps (virSecretPtr), owned. Every method blocks.
public final class Secret {
    let pointer: virSecretPtr

    init(adopting pointer: virSecretPtr) {
        self.pointer = pointer
    }

    deinit {
        virSecretFree(pointer)
    }

    /// Its identity (virSecretGetUUIDString).
    public var uuid: String { LibvirtKit.uuid { virSecretGetUUIDString(pointer, $0) } }

    /// Removes it (virSecretUndefine).
    public func undefine() throws(LibvirtError) {
        try check(virSecretUndefine(pointer))
    }
}

extension Connection {
    /// Defines a secret (virSecretDefineXML). libvirt refuses a second one for the same usage.
    public func define(secret xml: String) throws(LibvirtError) -> Secret {
        Secret(adopting: try check(virSecretDefineXML(pointer, xml, 0)))
    }

    /// The secret for a usage of the type `ceph` (virSecretLookupByUsage).
    public func secret(forCeph usage: String) throws(LibvirtError) -> Secret {
        let type = Int32(bitPattern: VIR_SECRET_USAGE_TYPE_CEPH.rawValue)
        return Secret(adopting: try check(virSecretLookupByUsage(pointer, type, usage)))
    }
}
