import ProviderAPI

extension CloudState {
    /// Begins to make an image of a machine; ``finishImage(_:)`` completes it.
    mutating func beginExport(of id: VirtualMachine.ID, as name: String) throws(ProviderError) -> Image.ID {
        let machine = try machines.get(id)
        try Self.checkNew(name, on: images)
        guard let volume = machine.facts.disks.first?.volume.flatMap({ volumes[$0] }) else {
            throw ProviderError(.busy, "\(machine.facts.name) has no disk to make an image of: add one first")
        }
        let os = machine.facts.image.flatMap { images.find($0)?.facts.os }
        return try insertImage(
            name: name, content: volume.content, format: volume.facts.format ?? "qcow2", os: os,
            pool: volume.facts.pool ?? "", allocation: volume.allocation, status: "saving")
    }

    /// Begins to make an image, empty or downloaded; ``finishImage(_:)`` completes it.
    mutating func beginImage(_ specification: Specification) throws(ProviderError) -> Image.ID {
        try specification.require(only: Set((StandardParameters.image + ImageService.notes).map(\.name)))
        try Self.checkNew(specification.name, on: images)
        let size = try Self.imageSize(specification)
        let format = try Self.word("format", specification.text("format") ?? "qcow2", Self.formats)
        let seed = specification.text("url").map { Self.seed(of: $0) }
        let visibility = try specification.text("visibility").map { (word) throws(ProviderError) in
            try Self.word("visibility", word, Self.visibilities)
        }
        let id = try insertImage(
            name: specification.name, content: SparseContent(size: size, seed: seed), format: format,
            os: specification.text("os"), pool: try poolName(specification.text("pool")), allocation: size,
            status: seed == nil ? "available" : "downloading")
        images.touch(id) { image in
            image.facts.visibility = visibility ?? image.facts.visibility
            image.facts.properties = Dictionary(specification.pairs("properties")) { $1 }
        }
        return id
    }

    static let visibilities = ["private", "shared", "community", "public"]

    mutating func change(_ change: Image.Change, of id: Image.ID) throws(ProviderError) {
        switch change {
        case .visibility(let text):
            let word = try Self.word("visibility", text, Self.visibilities)
            try images.update(id) { $0.facts.visibility = word }
        case .property(let key, let value): try images.update(id) { $0.facts.properties[key] = value }
        }
        emit(id, "changed")
    }

    /// Bytes of an image or an ISO: what is asked for, else a size that derives from its URL.
    static func imageSize(_ specification: Specification) throws(ProviderError) -> Int {
        let url = specification.text("url")
        if let url {
            let schemes = ["http://", "https://", "file://"]
            guard schemes.contains(where: { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }) else {
                throw ProviderError(.invalidValue, "url: \(url) does not begin with http://, https:// or file://")
            }
        }
        guard let text = specification.text("size") else {
            return url.map { (256 + Int(seed(of: $0) % 512)) << 20 } ?? 0
        }
        guard let size = Int(text), (0...1 << 44).contains(size) else {
            throw ProviderError(.invalidValue, "size: \(text) is no number of bytes")
        }
        return size
    }

    /// A number that depends on the bytes of a text alone (FNV-1a).
    static func seed(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private mutating func insertImage(
        name: String, content: SparseContent, format: String, os: String?, pool: String, allocation: Int,
        status: String
    ) throws(ProviderError) -> Image.ID {
        try checkRoom(allocation, in: pool)
        try checkContent(content.writtenBytes)
        let id = Image.ID("img-" + random.hex(11))
        var facts = Image(
            id: id, name: name, size: content.size, format: format, status: status, os: os, pool: pool)
        facts.visibility = "private"
        images.insert(ImageRecord(facts: facts, allocation: allocation, content: content))
        contentUsed += content.writtenBytes
        takeRoom(allocation, in: pool)
        emit(id, status == "available" ? "created" : status)
        return id
    }

    mutating func finishImage(_ id: Image.ID) throws(ProviderError) {
        let isChanged = try images.update(id) { image in
            defer { image.facts.status = "available" }
            return image.facts.status != "available"
        }
        if isChanged { emit(id, "created") }
    }

    mutating func deleteImage(_ id: Image.ID) throws(ProviderError) {
        let image = try images.get(id)
        images.remove(id)
        contentUsed -= image.content.writtenBytes
        takeRoom(-image.allocation, in: image.facts.pool ?? "")
        emit(id, "deleted")
    }

    mutating func beginISO(_ specification: Specification) throws(ProviderError) -> ISO.ID {
        try specification.require(only: ["url", "size", "os", "pool"])
        try Self.checkNew(specification.name, on: isos)
        let size = try Self.imageSize(specification)
        let pool = try poolName(specification.text("pool"))
        try checkRoom(size, in: pool)
        let status = specification.text("url") == nil ? "available" : "downloading"
        let iso = ISO(
            id: ISO.ID("iso-" + random.hex(11)), name: specification.name, size: size, status: status,
            os: specification.text("os"), pool: pool)
        isos.insert(Plain(facts: iso))
        takeRoom(size, in: pool)
        emit(iso.id, status == "available" ? "created" : status)
        return iso.id
    }

    mutating func finishISO(_ id: ISO.ID) throws(ProviderError) {
        let isChanged = try isos.update(id) { iso in
            defer { iso.facts.status = "available" }
            return iso.facts.status != "available"
        }
        if isChanged { emit(id, "created") }
    }

    mutating func deleteISO(_ id: ISO.ID) throws(ProviderError) {
        let iso = try isos.get(id).facts
        let users = machines.facts.filter { $0.iso == iso.name }.map(\.name)
        guard users.isEmpty else {
            throw ProviderError(
                .busy, "\(iso.name) is in the drive of \(users.prefix(3).joined(separator: ", ")): eject it first")
        }
        isos.remove(id)
        takeRoom(-(iso.size ?? 0), in: iso.pool ?? "")
        emit(id, "deleted")
    }
}
