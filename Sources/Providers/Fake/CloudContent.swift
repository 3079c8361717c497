import ProviderAPI

/// Where bulk content is kept.
protocol ContentSource: Sendable {
    var readOperation: Operation { get }
    var writeOperation: Operation { get }
    func content(in state: CloudState) throws(ProviderError) -> SparseContent
    func write(_ bytes: [UInt8], offset: Int, in state: inout CloudState) throws(ProviderError)
    func truncate(to size: Int, in state: inout CloudState) throws(ProviderError)
}

/// Bulk content, open.
struct CloudContent<Source: ContentSource>: BulkContent {
    let cloud: Cloud
    let source: Source
    let isWritable: Bool

    /// Bytes, as they are now; none where it is gone.
    var size: Int {
        do {
            return try cloud.change { (state) throws(ProviderError) in try source.content(in: state).size }
        } catch {
            return 0
        }
    }

    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        try await cloud.enter(source.readOperation)
        let content = try cloud.change { (state) throws(ProviderError) in try source.content(in: state) }
        return content.read(offset: offset, count: count)
    }

    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        guard isWritable else { throw ProviderError(.notPermitted, "the content was opened for reading") }
        guard offset >= 0 else { throw ProviderError(.invalidValue, "the offset \(offset) is negative") }
        try await cloud.enter(source.writeOperation)
        try cloud.change { (state) throws(ProviderError) in try source.write(bytes, offset: offset, in: &state) }
    }

    func truncate(to size: Int) async throws(ProviderError) {
        guard isWritable else { throw ProviderError(.notPermitted, "the content was opened for reading") }
        try await cloud.enter(source.writeOperation)
        try cloud.change { (state) throws(ProviderError) in try source.truncate(to: size, in: &state) }
    }

    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int? {
        try Cloud.checkCancellation()
        let content = try cloud.change { (state) throws(ProviderError) in try source.content(in: state) }
        return content.seek(offset: offset, hole: hole)
    }

    /// Every write is stored already.
    func close() async throws(ProviderError) {}
}

/// The content of a volume.
struct VolumeSource: ContentSource {
    let id: Disk.ID
    var readOperation: Operation { .readDisk }
    var writeOperation: Operation { .writeDisk }

    func content(in state: CloudState) throws(ProviderError) -> SparseContent {
        try state.volumes.get(id).content
    }

    func write(_ bytes: [UInt8], offset: Int, in state: inout CloudState) throws(ProviderError) {
        let volume = try state.volumes.get(id)
        try state.checkWritable(volume)
        guard bytes.count <= volume.content.size, offset <= volume.content.size - bytes.count else {
            throw ProviderError(.noSpace, "the disk \(volume.facts.name) ends at \(volume.content.size) bytes")
        }
        let added = volume.content.pagesAdded(by: bytes, offset: offset) * SparseContent.page
        try state.checkContent(added)
        let room = volume.isThin ? added : 0
        try state.checkRoom(room, in: volume.facts.pool ?? "")
        state.volumes.touch(id) { volume in
            volume.content.write(bytes, offset: offset)
            volume.allocation += room
        }
        state.contentUsed += added
        state.takeRoom(room, in: volume.facts.pool ?? "")
    }

    /// A volume keeps its length: what is cut becomes zeros.
    func truncate(to size: Int, in state: inout CloudState) throws(ProviderError) {
        try state.checkWritable(try state.volumes.get(id))
        state.volumes.touch(id) { volume in
            let length = volume.content.size
            volume.content.resize(min(size, length))
            volume.content.resize(length)
        }
    }
}

/// The content of an image. A write past its end makes it larger.
struct ImageSource: ContentSource {
    let id: Image.ID
    var readOperation: Operation { .readImage }
    var writeOperation: Operation { .writeImage }

    func content(in state: CloudState) throws(ProviderError) -> SparseContent {
        try state.images.get(id).content
    }

    func write(_ bytes: [UInt8], offset: Int, in state: inout CloudState) throws(ProviderError) {
        let image = try state.images.get(id)
        guard offset <= 1 << 44 else { throw ProviderError(.tooLarge, "an image has 16 TiB at most") }
        let added = image.content.pagesAdded(by: bytes, offset: offset) * SparseContent.page
        let more = max(0, offset + bytes.count - image.content.size)
        try state.checkContent(added)
        try state.checkRoom(more, in: image.facts.pool ?? "")
        state.images.touch(id) { image in
            image.content.write(bytes, offset: offset)
            image.facts.size = image.content.size
            image.allocation += more
        }
        state.contentUsed += added
        state.takeRoom(more, in: image.facts.pool ?? "")
        if more > 0 { state.emit(id, "grown") }
    }

    func truncate(to size: Int, in state: inout CloudState) throws(ProviderError) {
        let image = try state.images.get(id)
        guard size <= 1 << 44 else { throw ProviderError(.tooLarge, "an image has 16 TiB at most") }
        let more = max(0, size - image.content.size)
        try state.checkRoom(more, in: image.facts.pool ?? "")
        state.images.touch(id) { image in
            image.content.resize(size)
            image.facts.size = size
            image.allocation += more
        }
        state.takeRoom(more, in: image.facts.pool ?? "")
        state.emit(id, "resized")
    }
}

extension CloudState {
    /// A running machine owns the content of its volumes.
    func checkWritable(_ volume: Volume) throws(ProviderError) {
        guard let holder = volume.holder.flatMap({ machines[$0] }), !holder.isDown else { return }
        throw ProviderError(
            .busy, "the disk \(volume.facts.name) is in use by \(holder.facts.name), which runs: stop it first")
    }
}
