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
        var part = VolumePart(extents: [], bytes: [], offset: offset)
        let cut = VolumeDownload.Cut(limit: limit, part: limit, hole: .max)
        try download(offset..<offset + length, cut, VolumeBuffers(), isWanted: { true }) { part = $0 }
        return part
    }

    /// The same in parts, each told when it has come: one ends after `part` bytes of data, or behind a hole that is as
    /// long. It ends early once `isWanted` says no.
    public func download(
        offset: Int, length: Int, limit: Int, part: Int, into buffers: VolumeBuffers, isWanted: () -> Bool,
        _ tell: (VolumePart) -> Void
    ) throws(LibvirtError) {
        let cut = VolumeDownload.Cut(limit: limit, part: part, hole: part)
        try download(offset..<offset + length, cut, buffers, isWanted: isWanted, tell)
    }

    private func download(
        _ range: Range<Int>, _ cut: VolumeDownload.Cut, _ buffers: VolumeBuffers, isWanted: () -> Bool,
        _ tell: (VolumePart) -> Void
    ) throws(LibvirtError) {
        guard cut.limit > 0, isWanted() else { return }
        let download: VolumeDownload
        do throws(LibvirtError) {
            download = try VolumeDownload(
                of: self, range, cut, buffers, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM.rawValue)
        } catch  where [.argumentUnsupported, .noSupport, .operationUnsupported].contains(error.code) {
            // A peer that knows no holes.
            download = try VolumeDownload(of: self, range.prefix(cut.limit), cut, buffers, 0)
        }
        try download.run(isWanted: isWanted, tell)
    }
}
