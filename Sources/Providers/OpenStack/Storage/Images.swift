import HTTPKit
import ProviderAPI

/// The images of the Image service that the project may use: those of disks, or those of CDs.
struct Images: BulkService {
    let cloud: Cloud
    var holdsISOs = false

    static let supported: Set<Operation> = [
        .listImages, .createImage, .deleteImage, .readImage, .writeImage, .updateImage,
    ]
    var operations: Set<Operation> { Self.supported }
    let parameters =
        StandardParameters.image.filter { ["url", "format", "os"].contains($0.name) } + [
            Parameter("visibility", .choice(["private", "shared", "community", "public"]), "who may use it"),
            Parameter("min_disk", .gibibytes, "GiB of disk that a server of it needs"),
            Parameter("min_memory", .mebibytes, "MiB of memory that a server of it needs"),
            Parameter("properties", .map, "free keys and values"),
        ]

    func list() async throws(ProviderError) -> [Image] {
        let images = try await cloud.list(
            DescribedImage.self, "images", .image, "images", to: "list images")
        return images.compactMap { listed in
            switch listed {
            case .payload(let image): return image.image.isISO == holdsISOs ? Image(image) : nil
            case .odd(_, _, _) where holdsISOs: return nil
            case .odd(let id, let name, let reason):
                var image = Image(id: .init(id), name: name)
                image.fault = reason
                return image
            }
        }
    }

    func items(_ ids: [Image.ID]) async throws(ProviderError) -> [Image] {
        guard ids.count > 3 else {
            var images: [Image] = []
            for id in ids {
                let what = "look at image \(id)"
                let image = try await cloud.found(DescribedImage.self, "", .image, "images/\(id)", to: what)
                if let image, image.image.isISO == holdsISOs { images.append(Image(image)) }
            }
            return images
        }
        let wanted = Set(ids)
        return try await list().filter { wanted.contains($0.id) }
    }

    /// An empty one, whose content is written to `data`; or one that is downloaded.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Image {
        try specification.require(only: Set(parameters.map(\.name)))
        guard (specification.text("format") == "iso") == holdsISOs else {
            throw ProviderError(.invalidValue, "format: images of CDs are made in isos/")
        }
        guard try await cloud.images().allSatisfy({ $0.name != specification.name }) else {
            throw ProviderError(.alreadyExists, "there is an image \(specification.name) already")
        }
        let what = "create image \(specification.name)"
        let address = specification.text("url")
        if address != nil { try await requireDownloads(what) }
        let image = try await cloud.document(
            DescribedImage.self, "", .post, .image, "images", body: Self.body(specification), to: what)
        guard let address else { return Image(image) }
        let id = image.image.id
        do throws(ProviderError) {
            let method: JSONValue = ["name": "web-download", "uri": .text(address)]
            try await cloud.send(.post, .image, "images/\(id)/import", body: ["method": method], to: what)
            job.accepted()
            _ = try await cloud.awaitImage(id, isImport: true, job)
        } catch {
            await cloud.discardImage(id)
            throw error
        }
        return try await item(id)
    }

    private func item(_ id: String) async throws(ProviderError) -> Image {
        guard let image = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "the image \(id) is no longer there")
        }
        return image
    }

    func apply(_ change: Image.Change, to id: Image.ID, _ job: any JobReporter) async throws(ProviderError) -> Image {
        switch change {
        case .visibility(let word):
            try await cloud.change(id.rawValue, "visibility", to: word, what: "change who may use image \(id)")
        case .property(let key, let value):
            guard !DescribedImage.isReserved(key) else {
                throw ProviderError(.notPermitted, "properties: \(key) is no free key of an image")
            }
            try await cloud.change(id.rawValue, key, to: value, what: "change property \(key) of image \(id)")
        }
        return try await item(id.rawValue)
    }

    private static func body(_ specification: Specification) -> JSONValue {
        var image: JSONValue = [
            "name": .text(specification.name), "container_format": "bare",
            "disk_format": .text(specification.text("format") ?? "qcow2"),
        ]
        for (key, value) in specification.pairs("properties") { image[key] = .text(value) }
        if let os = specification.text("os") { image["os_distro"] = .text(os) }
        if let word = specification.text("visibility") { image["visibility"] = .text(word) }
        if let size = specification.number("min_disk") { image["min_disk"] = .number(size) }
        if let size = specification.number("min_memory") { image["min_ram"] = .number(size) }
        return image
    }

    private struct Methods: Decodable, Sendable {
        struct Value: Decodable, Sendable { var value: [String] }
        var methods: Value

        enum CodingKeys: String, CodingKey { case methods = "import-methods" }
    }

    private func requireDownloads(_ what: String) async throws(ProviderError) {
        let methods = try await cloud.document(Methods.self, "", .image, "info/import", to: what).methods.value
        guard methods.contains("web-download") else {
            throw ProviderError(
                .unsupported, "url: this cloud does not download images itself: make an empty one and write its data")
        }
    }

    func delete(_ id: Image.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.deleteImage(try await cloud.image(id.rawValue))
    }

    func content(of id: Image.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        let image = try await cloud.image(id.rawValue)
        guard writable else {
            guard ["active", "queued"].contains(image.status) else {
                throw ProviderError(.busy, "the image \(image.title) is \(image.status): it has no content yet")
            }
            return ImageReader(cloud: cloud, image: image)
        }
        guard image.status == "queued" else {
            throw ProviderError(
                .busy, "the image \(image.title) has its content, which cannot be changed: make another")
        }
        return try await ImageWriter(cloud: cloud, image: image)
    }
}

extension Image {
    init(_ described: DescribedImage) {
        let image = described.image
        self.init(
            id: .init(image.id), name: image.title, size: image.size, format: image.format,
            status: image.status == "active" ? "available" : image.status, os: image.os)
        visibility = image.visibility
        properties = described.properties
    }
}
