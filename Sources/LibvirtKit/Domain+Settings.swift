import CLibvirt

extension Domain {
    /// Whether it starts with its host (virDomainGetAutostart).
    public func autostart() throws(LibvirtError) -> Bool {
        var flag: Int32 = 0
        try check(virDomainGetAutostart(pointer, &flag))
        return flag != 0
    }

    /// Makes it start with its host, or not (virDomainSetAutostart).
    public func setAutostart(_ flag: Bool) throws(LibvirtError) {
        try check(virDomainSetAutostart(pointer, flag ? 1 : 0))
    }

    /// Sets its memory, or the most it can have, in KiB (virDomainSetMemoryFlags).
    public func setMemory(_ kibibytes: Int, maximum: Bool = false, _ impact: DomainImpact) throws(LibvirtError) {
        let flags = impact.rawValue | (maximum ? VIR_DOMAIN_MEM_MAXIMUM.rawValue : 0)
        try check(virDomainSetMemoryFlags(pointer, UInt(clamping: kibibytes), flags))
    }

    /// Sets its processors, or the most it can have (virDomainSetVcpusFlags).
    public func setVCPUs(_ count: Int, maximum: Bool = false, _ impact: DomainImpact) throws(LibvirtError) {
        let flags = impact.rawValue | (maximum ? VIR_DOMAIN_VCPU_MAXIMUM.rawValue : 0)
        try check(virDomainSetVcpusFlags(pointer, UInt32(clamping: count), flags))
    }

    /// Sets its description; nil removes it (virDomainSetMetadata).
    public func setDescription(_ text: String?, _ impact: DomainImpact) throws(LibvirtError) {
        let type = Int32(bitPattern: VIR_DOMAIN_METADATA_DESCRIPTION.rawValue)
        try check(virDomainSetMetadata(pointer, type, text, nil, nil, impact.rawValue))
    }

    /// The element of an XML namespace in its metadata, without prefixes; nil for none (virDomainGetMetadata).
    public func metadata(namespace: String, _ impact: DomainImpact = []) throws(LibvirtError) -> String? {
        let type = Int32(bitPattern: VIR_DOMAIN_METADATA_ELEMENT.rawValue)
        do throws(LibvirtError) {
            return try adopt(virDomainGetMetadata(pointer, type, namespace, impact.rawValue))
        } catch  where error.code == .noMetadata {
            return nil
        }
    }

    /// Replaces the element of an XML namespace in its metadata; nil removes it (virDomainSetMetadata).
    public func setMetadata(_ xml: String?, namespace: String, prefix: String, _ impact: DomainImpact)
        throws(LibvirtError)
    {
        let type = Int32(bitPattern: VIR_DOMAIN_METADATA_ELEMENT.rawValue)
        try check(virDomainSetMetadata(pointer, type, xml, prefix, namespace, impact.rawValue))
    }

    /// Renames it (virDomainRename).
    public func rename(to name: String) throws(LibvirtError) {
        try check(virDomainRename(pointer, name, 0))
    }

    /// Adds a device (virDomainAttachDeviceFlags).
    public func attach(device xml: String, _ impact: DomainImpact) throws(LibvirtError) {
        try check(virDomainAttachDeviceFlags(pointer, xml, impact.rawValue))
    }

    /// Takes a device away (virDomainDetachDeviceFlags); a running guest gives it up some time later.
    public func detach(device xml: String, _ impact: DomainImpact) throws(LibvirtError) {
        try check(virDomainDetachDeviceFlags(pointer, xml, impact.rawValue))
    }

    /// Changes a device: the medium of a drive, the network of an interface (virDomainUpdateDeviceFlags).
    public func update(device xml: String, _ impact: DomainImpact) throws(LibvirtError) {
        try check(virDomainUpdateDeviceFlags(pointer, xml, impact.rawValue))
    }

    /// Grows a disk of a running domain, in bytes (virDomainBlockResize).
    public func resizeBlock(_ disk: String, to bytes: Int) throws(LibvirtError) {
        let flags = VIR_DOMAIN_BLOCK_RESIZE_BYTES.rawValue
        try check(virDomainBlockResize(pointer, disk, UInt64(clamping: bytes), flags))
    }
}
