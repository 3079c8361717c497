import CLibvirt

extension StorageVolume {
    /// Fills it with bytes from its start (virStorageVolUpload, virStreamSend); blocks until the other side has them.
    public func upload(_ bytes: [UInt8], on connection: Connection) throws(LibvirtError) {
        let stream = try check(virStreamNew(connection.pointer, 0))
        defer { virStreamFree(stream) }
        try check(virStorageVolUpload(pointer, stream, 0, UInt64(bytes.count), 0))
        do throws(LibvirtError) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { buffer in
                    virStreamSend(stream, buffer.assumingMemoryBound(to: CChar.self).baseAddress, buffer.count)
                }
                rest = rest.dropFirst(Int(try check(sent)))
            }
            try check(virStreamFinish(stream))
        } catch {
            virStreamAbort(stream)
            throw error
        }
    }
}
