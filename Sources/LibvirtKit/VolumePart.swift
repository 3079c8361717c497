import CLibvirt

/// A part of a volume's content, as one transfer brought it: where there is data, and the data.
public struct VolumePart: Sendable {
    /// A stretch of data or a hole.
    public struct Extent: Sendable, Hashable {
        /// Bytes from the start of the volume.
        public let offset: Int
        /// Bytes.
        public let count: Int
        /// Where its data begins in ``VolumePart/bytes``; nil for a hole.
        public let place: Int?

        /// The offset behind it.
        public var end: Int { offset + count }
    }

    /// In order, without gaps.
    public let extents: [Extent]
    /// The data of all extents, one after the other.
    public let bytes: [UInt8]

    /// Where it begins, in bytes from the start of the volume.
    public let offset: Int
    /// The offset behind it.
    public var end: Int { extents.last?.end ?? offset }
}

extension StorageVolume {
    /// Its content from `offset` on, `length` bytes at most (virStorageVolDownload, which leaves holes out). It ends
    /// early with the volume, after `limit` bytes of data, or once `isUnwanted` says so.
    public func download(offset: Int, length: Int, limit: Int, isUnwanted: () -> Bool = { false })
        throws(LibvirtError) -> VolumePart
    {
        let flags = VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM.rawValue
        do throws(LibvirtError) {
            return try download(offset, length, limit, flags, isUnwanted)
        } catch  where [.argumentUnsupported, .noSupport, .operationUnsupported].contains(error.code) {
            // A peer that knows no holes.
            return try download(offset, min(length, limit), limit, 0, isUnwanted)
        }
    }

    private func download(_ offset: Int, _ length: Int, _ limit: Int, _ flags: UInt32, _ isUnwanted: () -> Bool)
        throws(LibvirtError) -> VolumePart
    {
        let stream = try VolumeStream(on: self)
        try check(virStorageVolDownload(pointer, stream.pointer, UInt64(offset), UInt64(length), flags))
        return try stream.receive(offset..<offset + length, limit: limit, isUnwanted)
    }
}

/// A stream of a volume's content (virStreamPtr), owned, for one thread at a time.
struct VolumeStream: ~Copyable {
    let pointer: virStreamPtr
    /// What one message of libvirt's carries at most: to ask for more only makes the call wait longer.
    private static let message = 262_120

    init(on volume: StorageVolume) throws(LibvirtError) {
        let connection = try check(virStorageVolGetConnect(volume.pointer))
        pointer = try check(virStreamNew(connection, 0))
    }

    deinit { virStreamFree(pointer) }

    /// Receives until the end or the limit, and ends the stream.
    borrowing func receive(_ range: Range<Int>, limit: Int, _ isUnwanted: () -> Bool) throws(LibvirtError)
        -> VolumePart
    {
        var failure: LibvirtError?
        var extents: [VolumePart.Extent] = []
        let bytes = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { buffer, filled in
            filled = 0
            do throws(LibvirtError) {
                try receive(range, into: buffer, &filled, &extents, isUnwanted)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return VolumePart(extents: extents, bytes: bytes, offset: range.lowerBound)
    }

    private borrowing func receive(
        _ range: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int,
        _ extents: inout [VolumePart.Extent], _ isUnwanted: () -> Bool
    ) throws(LibvirtError) {
        var position = range.lowerBound
        while filled < buffer.count, position < range.upperBound, !isUnwanted() {
            let free = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
            let room = UnsafeMutableRawBufferPointer(rebasing: free.prefix(Self.message))
            let count = Int(
                virStreamRecvFlags(
                    pointer, room.assumingMemoryBound(to: CChar.self).baseAddress, room.count,
                    VIR_STREAM_RECV_STOP_AT_HOLE.rawValue))
            switch count {
            case 0: return try finish()
            case -3:
                var length: Int64 = 0
                try checked(virStreamRecvHole(pointer, &length, 0))
                extents.append(.init(offset: position, count: Int(length), place: nil))
                position += Int(length)
            case 1...:
                Self.add(count, at: position, place: filled, to: &extents)
                filled += count
                position += count
            default: try checked(Int32(count))
            }
        }
        guard position >= range.upperBound else {
            virStreamAbort(pointer)
            return
        }
        // Only the end is left to come.
        var byte: CChar = 0
        guard virStreamRecv(pointer, &byte, 1) == 0 else {
            virStreamAbort(pointer)
            return
        }
        try finish()
    }

    private static func add(_ count: Int, at offset: Int, place: Int, to extents: inout [VolumePart.Extent]) {
        guard let last = extents.last, let start = last.place else {
            return extents.append(.init(offset: offset, count: count, place: place))
        }
        extents[extents.count - 1] = .init(offset: last.offset, count: last.count + count, place: start)
    }

    /// Ends a stream that came to its end.
    borrowing func finish() throws(LibvirtError) {
        try check(virStreamFinish(pointer))
    }

    /// A call's result; a failed stream is of no more use.
    private borrowing func checked(_ result: Int32) throws(LibvirtError) {
        guard result < 0 else { return }
        let error = LibvirtError.last()
        virStreamAbort(pointer)
        throw error
    }
}
