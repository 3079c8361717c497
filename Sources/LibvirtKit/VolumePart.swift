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
    /// early with the volume, or after `limit` bytes of data.
    public func download(offset: Int, length: Int, limit: Int) throws(LibvirtError) -> VolumePart {
        var stream = try stream(offset, length, limit)
        let part = try stream.part(limit)
        try stream.close()
        return part
    }

    /// The same in parts, each told when it has come: one ends after `part` bytes of data, or behind a hole that is as
    /// long. It ends early once `isWanted` says no.
    public func download(
        offset: Int, length: Int, limit: Int, part: Int, isWanted: () -> Bool, _ tell: (VolumePart) -> Void
    ) throws(LibvirtError) {
        var stream = try stream(offset, length, limit)
        var rest = limit
        while rest > 0, isWanted() {
            let next = try stream.part(min(part, rest), endingAfter: part, isWanted)
            guard next.end > next.offset else { break }
            rest -= next.bytes.count
            tell(next)
        }
        try stream.close()
    }

    private func stream(_ offset: Int, _ length: Int, _ limit: Int) throws(LibvirtError) -> VolumeStream {
        do throws(LibvirtError) {
            let flags = VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM.rawValue
            return try VolumeStream(of: self, offset..<offset + length, flags)
        } catch  where [.argumentUnsupported, .noSupport, .operationUnsupported].contains(error.code) {
            // A peer that knows no holes.
            return try VolumeStream(of: self, offset..<offset + min(length, limit), 0)
        }
    }
}

/// A stream of a volume's content (virStreamPtr), owned, for one thread at a time.
struct VolumeStream: ~Copyable {
    private let pointer: virStreamPtr
    /// Where it goes on, and where it was asked to end.
    private var position: Int
    private let end: Int
    private var isOpen = true
    /// What one message of libvirt's carries at most: to ask for more only makes the call wait longer.
    private static let message = 262_120

    init(of volume: StorageVolume, _ range: Range<Int>, _ flags: UInt32) throws(LibvirtError) {
        let connection = try check(virStorageVolGetConnect(volume.pointer))
        let stream = try check(virStreamNew(connection, 0))
        let (offset, length) = (UInt64(range.lowerBound), UInt64(range.count))
        guard virStorageVolDownload(volume.pointer, stream, offset, length, flags) >= 0 else {
            let error = LibvirtError.last()
            virStreamFree(stream)
            throw error
        }
        (pointer, position, end) = (stream, range.lowerBound, range.upperBound)
    }

    deinit {
        if isOpen { virStreamAbort(pointer) }
        virStreamFree(pointer)
    }

    /// The next `limit` bytes of data, with the holes between them; less at the end, behind a hole of `hole` bytes, and
    /// once it is not wanted any more.
    mutating func part(_ limit: Int, endingAfter hole: Int = .max, _ isWanted: () -> Bool = { true })
        throws(LibvirtError) -> VolumePart
    {
        let offset = position
        var failure: LibvirtError?
        var extents: [VolumePart.Extent] = []
        let bytes = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { buffer, filled in
            filled = 0
            do throws(LibvirtError) {
                try fill(buffer, &filled, &extents, hole, isWanted)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return VolumePart(extents: extents, bytes: bytes, offset: offset)
    }

    private mutating func fill(
        _ buffer: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int, _ extents: inout [VolumePart.Extent],
        _ hole: Int, _ isWanted: () -> Bool
    ) throws(LibvirtError) {
        while isOpen, filled < buffer.count, position < end, isWanted() {
            let free = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
            let room = UnsafeMutableRawBufferPointer(rebasing: free.prefix(Self.message))
            let count = Int(
                virStreamRecvFlags(
                    pointer, room.assumingMemoryBound(to: CChar.self).baseAddress, room.count,
                    VIR_STREAM_RECV_STOP_AT_HOLE.rawValue))
            switch count {
            case 0: try finish()
            case -3:
                var length: Int64 = 0
                try check(virStreamRecvHole(pointer, &length, 0))
                extents.append(.init(offset: position, count: Int(length), place: nil))
                position += Int(length)
                if Int(length) >= hole { return }
            case 1...:
                Self.add(count, at: position, place: filled, to: &extents)
                filled += count
                position += count
            default: try check(Int32(count))
            }
        }
    }

    private static func add(_ count: Int, at offset: Int, place: Int, to extents: inout [VolumePart.Extent]) {
        guard let last = extents.last, let start = last.place else {
            return extents.append(.init(offset: offset, count: count, place: place))
        }
        extents[extents.count - 1] = .init(offset: last.offset, count: last.count + count, place: start)
    }

    /// Ends it, wherever it is.
    mutating func close() throws(LibvirtError) {
        guard isOpen else { return }
        // Only the end may be left to come.
        var byte: CChar = 0
        if position >= end, virStreamRecv(pointer, &byte, 1) == 0 { return try finish() }
        isOpen = false
        virStreamAbort(pointer)
    }

    /// Ends one that came to its end.
    private mutating func finish() throws(LibvirtError) {
        isOpen = false
        try check(virStreamFinish(pointer))
    }
}
