import CLibvirt

/// A transfer of content into a volume (virStorageVolUpload), from one offset on. Every method blocks.
///
/// `@unchecked Sendable`: libvirt locks a stream's object in every call, as it does a connection's; it is used by one
/// call at a time all the same.
public final class VolumeUpload: @unchecked Sendable {
    private let pointer: virStreamPtr
    private var isOpen = true

    /// Begins one at an offset; what else the volume holds stays. With `holes` the content can have some, and a hole cuts
    /// a file behind its end.
    public init(into volume: StorageVolume, offset: Int, holes: Bool = false) throws(LibvirtError) {
        let connection = try check(virStorageVolGetConnect(volume.pointer))
        pointer = try check(virStreamNew(connection, 0))
        let flags = holes ? VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM.rawValue : 0
        guard virStorageVolUpload(volume.pointer, pointer, UInt64(offset), 0, flags) < 0 else { return }
        let error = LibvirtError.last()
        // All that it has is set, so `deinit` frees the stream; there is nothing to abort.
        isOpen = false
        throw error
    }

    deinit {
        if isOpen { virStreamAbort(pointer) }
        virStreamFree(pointer)
    }

    /// Sends all of these bytes (virStreamSend).
    public func send(_ bytes: [UInt8]) throws(LibvirtError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return virStreamSend(pointer, rest.assumingMemoryBound(to: CChar.self).baseAddress, rest.count)
            }
            sent += Int(try checked(count))
        }
    }

    /// Sends a hole of that many bytes, at least one (virStreamSendHole).
    public func sendHole(_ count: Int) throws(LibvirtError) {
        try checked(virStreamSendHole(pointer, Int64(count), 0))
    }

    /// Ends it: all that was sent is in the volume after this (virStreamFinish).
    public func finish() throws(LibvirtError) {
        guard isOpen else { return }
        isOpen = false
        try check(virStreamFinish(pointer))
    }

    @discardableResult
    private func checked(_ result: Int32) throws(LibvirtError) -> Int32 {
        guard result < 0 else { return result }
        let error = LibvirtError.last()
        if isOpen { virStreamAbort(pointer) }
        isOpen = false
        throw error
    }
}
