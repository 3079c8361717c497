import HTTPTesting

extension Tables {
    // MARK: Block Storage

    mutating func volume(_ call: Call, _ path: [String]) -> StubReply {
        switch (call.method, path.first ?? "", path.count) {
        case ("GET", "", _):
            let newest = JSON.text(microversions.volume)
            return Self.ok(["versions": [["id": "v3.0", "version": newest, "min_version": "3.0", "status": "CURRENT"]]])
        case ("GET", "volumes", 2) where path[1] == "detail": return page(rows["volumes"] ?? [], "volumes", call)
        case ("POST", "volumes", 1):
            let wish = call.body["volume"]
            if let image = wish["imageRef"].string, row("images", image) == nil {
                return Self.fault(404, "Image \(image) could not be found.")
            }
            let id = makeVolume(wish["name"].string ?? "", wish["size"].int ?? 1)
            return Self.ok(["volume": row("volumes", id) ?? .null], 202)
        case ("GET", "limits", _):
            let absolute: JSON = [
                "maxTotalVolumes": 10, "totalVolumesUsed": .number(rows["volumes"]?.count ?? 0),
                "maxTotalVolumeGigabytes": 1000, "totalGigabytesUsed": 12,
            ]
            return Self.ok(["limits": ["rate": [], "absolute": absolute]])
        default: break
        }
        guard path.first == "volumes", path.count > 1, let found = row("volumes", path[1]) else {
            return Self.fault(404, "\(path.last ?? "") could not be found.")
        }
        let id = path[1]
        switch (call.method, path.count > 2 ? path[2] : "") {
        case ("GET", ""): return Self.ok(["volume": found])
        case ("DELETE", ""):
            guard found["status"].string != "in-use" else {
                return Self.fault(400, "Invalid volume: Volume status must be available or error")
            }
            remove("volumes", id)
            return .answer(202)
        case ("POST", "action"):
            guard let size = call.body["os-extend"]["new_size"].int else { return Self.fault(400, "no such action") }
            update("volumes", id) { $0["size"] = .number(size) }
            return .answer(202)
        default: return Self.fault(404, "no such path of a volume")
        }
    }

    @discardableResult
    mutating func makeVolume(_ name: String, _ size: Int) -> String {
        let id = makeID()
        insert(
            "volumes",
            [
                "id": .text(id), "name": .text(name), "size": .number(size), "status": "available",
                "volume_type": "ssd", "bootable": "false", "availability_zone": "nova", "attachments": [],
                "metadata": [:], "created_at": .text(makeTime()), "stub:own": false,
            ])
        return id
    }

    // MARK: Image

    mutating func image(_ call: Call, _ path: [String]) -> StubReply {
        if path == ["info", "import"] {
            return Self.ok(["import-methods": ["type": "array", "value": ["glance-direct", "web-download"]]])
        }
        guard path.first == "images" else { return .text(404, "no such path in Image") }
        switch (call.method, path.count) {
        case ("GET", 1):
            let found = (rows["images"] ?? []).filter { row in
                call.query.allSatisfy { key, value in ["limit", "marker"].contains(key) || row[key].string == value }
            }
            return page(found, "images", call, links: false)
        case ("POST", 1):
            let wish = call.body
            let id = makeImage(wish["name"].string ?? "", wish["disk_format"].string ?? "", nil)
            update("images", id) { row in for (key, value) in wish.fields { row[key] = value } }
            return Self.ok(row("images", id) ?? .null, 201)
        default: break
        }
        guard path.count > 1, let found = row("images", path[1]) else {
            return .text(404, "No image found with that ID", ["Content-Type": "text/plain"])
        }
        let id = path[1]
        switch (call.method, path.count > 2 ? path[2] : "") {
        case ("GET", ""): return Self.ok(found)
        case ("DELETE", ""):
            remove("images", id)
            contents[id] = nil
            return .answer(204)
        case ("PUT", "file"):
            guard found["status"].string == "queued" else {
                return .text(409, "Image status transition is not allowed")
            }
            fill(id, call.request.body)
            return .answer(204)
        case ("GET", "file"): return ranged(contents[id] ?? [], call)
        case ("POST", "import"):
            fill(id, Array("downloaded from \(call.body["method"]["uri"].string ?? "")".utf8))
            return .answer(202)
        default: return .text(404, "no such path of an image")
        }
    }

    private mutating func fill(_ id: String, _ bytes: [UInt8]) {
        contents[id] = bytes
        update("images", id) { row in
            row["status"] = "active"
            row["size"] = .number(bytes.count)
        }
    }

    /// `bytes=FIRST-LAST`.
    func ranged(_ bytes: [UInt8], _ call: Call, _ headers: [String: String] = [:]) -> StubReply {
        let words = call.request.header("Range")?.dropFirst("bytes=".count).split(separator: "-").map { Int($0) } ?? []
        guard words.count == 2, let first = words[0], let last = words[1] else { return .answer(200, headers, bytes) }
        guard first < bytes.count else { return .answer(416) }
        let part = Array(bytes[first...min(last, bytes.count - 1)])
        let place = "bytes \(first)-\(first + part.count - 1)/\(bytes.count)"
        return .answer(206, headers.merging(["Content-Range": place]) { own, _ in own }, part)
    }

    @discardableResult
    mutating func makeImage(_ name: String, _ format: String, _ bytes: [UInt8]?) -> String {
        let id = makeID()
        insert(
            "images",
            [
                "id": .text(id), "name": .text(name), "status": bytes == nil ? "queued" : "active",
                "size": bytes.map { .number($0.count) } ?? nil, "disk_format": .text(format),
                "container_format": "bare", "min_disk": 0, "min_ram": 0, "visibility": "private", "protected": false,
                "owner": .text(Self.project), "created_at": .text(makeTime()),
            ])
        contents[id] = bytes
        return id
    }
}
