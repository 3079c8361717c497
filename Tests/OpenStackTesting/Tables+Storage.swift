import HTTPTesting

extension Tables {
    // MARK: Block Storage

    mutating func volume(_ call: Call, _ path: [String]) -> StubReply {
        switch (call.method, path.first ?? "", path.count) {
        case ("GET", "", _):
            let newest = JSON.text(microversions.volume)
            return Self.ok(["versions": [["id": "v3.0", "version": newest, "min_version": "3.0", "status": "CURRENT"]]])
        case ("GET", "volumes", 2) where path[1] == "detail": return page(rows["volumes"] ?? [], "volumes", call)
        case ("POST", "volumes", 1): return createVolume(call.body["volume"])
        case ("GET", "messages", 1):
            let found = (rows["messages"] ?? []).filter { $0["resource_uuid"].string == call.query["resource_uuid"] }
            return page(found, "messages", call)
        case (_, "snapshots", 2): return snapshot(call, path[1])
        case ("GET", "limits", _):
            let absolute: JSON = [
                "maxTotalVolumes": 10, "totalVolumesUsed": .number(rows["volumes"]?.count ?? 0),
                "maxTotalVolumeGigabytes": 1000, "totalGigabytesUsed": 12,
            ]
            return Self.ok(["limits": ["rate": [], "absolute": absolute]])
        default: break
        }
        guard path.first == "volumes", path.count > 1, row("volumes", path[1]) != nil else {
            return Self.fault(404, "\(path.last ?? "") could not be found.")
        }
        if call.method == "GET", path.count == 2 { step("volumes", path[1]) }
        guard let found = row("volumes", path[1]) else { return Self.fault(404, "\(path[1]) could not be found.") }
        return volume(found, path[1], call, path.count > 2 ? path[2] : "")
    }

    private mutating func volume(_ found: JSON, _ id: String, _ call: Call, _ part: String) -> StubReply {
        switch (call.method, part) {
        case ("GET", ""): return Self.ok(["volume": found])
        case ("DELETE", ""):
            let hasSnapshots = (rows["snapshots"] ?? []).contains { $0["volume_id"].string == id }
            guard ["available", "error"].contains(found["status"].string ?? ""), !hasSnapshots else {
                return Self.fault(
                    400, "Invalid volume: Volume status must be available or error, and must not have snapshots")
            }
            remove("volumes", id)
            return .answer(202)
        case ("POST", "action"):
            let request = "req-" + makeID()
            let headers = ["X-OpenStack-Request-Id": request]
            if call.body["os-volume_upload_image"] != .null {
                let image = makeImage(call.body["os-volume_upload_image"]["image_name"].string ?? "", "qcow2", [9])
                update("images", image) { $0["stub:content"] = found["stub:content"] }
                _ = begin("upload", "images", image)
                return Self.ok(
                    ["os-volume_upload_image": ["image_id": .text(image), "status": "uploading"]], 202, headers)
            }
            guard let size = call.body["os-extend"]["new_size"].int else { return Self.fault(400, "no such action") }
            if !begin("extend", "volumes", id, request: request) {
                update("volumes", id) { $0["size"] = .number(size) }
            }
            return .answer(202, headers)
        default: return Self.fault(404, "no such path of a volume")
        }
    }

    private mutating func createVolume(_ wish: JSON) -> StubReply {
        if let image = wish["imageRef"].string, row("images", image) == nil {
            return Self.fault(404, "Image \(image) could not be found.")
        }
        if let type = wish["volume_type"].string, !["ssd", "hdd"].contains(type) {
            return Self.fault(404, "Volume type with name \(type) could not be found.")
        }
        var content = wish["imageRef"]
        for (key, table) in [("snapshot_id", "snapshots"), ("source_volid", "volumes")] {
            guard let origin = wish[key].string else { continue }
            guard let found = row(table, origin) else { return Self.fault(404, "\(origin) could not be found.") }
            content = found["stub:content"]
        }
        let id = makeVolume(wish["name"].string ?? "", wish["size"].int ?? 1)
        update("volumes", id) { row in
            row["stub:content"] = content
            row["snapshot_id"] = wish["snapshot_id"]
            row["source_volid"] = wish["source_volid"]
            if wish["volume_type"] != .null { row["volume_type"] = wish["volume_type"] }
        }
        _ = begin("create volume", "volumes", id)
        return Self.ok(["volume": row("volumes", id) ?? .null], 202)
    }

    // MARK: Snapshots and messages

    private mutating func snapshot(_ call: Call, _ id: String) -> StubReply {
        if call.method == "GET", id == "detail" { return page(rows["snapshots"] ?? [], "snapshots", call) }
        if call.method == "GET" { step("snapshots", id) }
        guard let found = row("snapshots", id) else { return Self.fault(404, "Snapshot \(id) could not be found.") }
        guard call.method == "DELETE" else { return Self.ok(["snapshot": found]) }
        remove("snapshots", id)
        return .answer(202)
    }

    @discardableResult
    mutating func makeSnapshot(_ name: String, of volume: JSON) -> String {
        let id = makeID()
        insert(
            "snapshots",
            [
                "id": .text(id), "name": .text(name), "size": volume["size"], "status": "available",
                "volume_id": volume["id"], "created_at": .text(makeTime()), "metadata": [:],
                "stub:content": volume["stub:content"],
            ])
        _ = begin("snapshot", "snapshots", id)
        return id
    }

    mutating func makeMessage(_ text: String, of resource: String, request: String?) {
        insert(
            "messages",
            [
                "id": .text(makeID()), "event_id": "VOLUME_VOLUME_007_010", "message_level": "ERROR",
                "user_message": .text(text), "created_at": .text(makeTime()), "resource_type": "VOLUME",
                "resource_uuid": .text(resource), "request_id": request.map(JSON.text) ?? nil, "links": [],
            ])
    }

    mutating func makeTask(_ task: JSON, of image: String) {
        var row = task
        row["id"] = .text(makeID())
        row["type"] = "api_image_import"
        row["image_id"] = .text(image)
        insert("tasks", row)
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
        if call.method == "GET", path.count == 2 { step("images", path[1]) }
        guard path.count > 1, let found = row("images", path[1]) else {
            return .text(404, "No image found with that ID", ["Content-Type": "text/plain"])
        }
        let id = path[1]
        switch (call.method, path.count > 2 ? path[2] : "") {
        case ("GET", ""): return Self.ok(found)
        case ("GET", "tasks"):
            return Self.ok(["tasks": .array((rows["tasks"] ?? []).filter { $0["image_id"].string == id })])
        case ("PATCH", ""):
            for change in call.body.elements {
                let pointer = String((change["path"].string ?? "").dropFirst())
                let key = pointer.replacing("~1", with: "/").replacing("~0", with: "~")
                let words = ["private", "shared", "community", "public"]
                guard key != "visibility" || words.contains(change["value"].string ?? "") else {
                    return .text(400, "Provided object does not match schema 'image'")
                }
                if change["op"] == "add" {
                    update("images", id) { $0[key] = change["value"] }
                } else if found[key] == .null {
                    return .text(409, "Property \(key) does not exist.")
                } else {
                    update("images", id) { row in
                        var fields = row.fields
                        fields[key] = nil
                        row = .object(fields)
                    }
                }
            }
            return Self.ok(row("images", id) ?? .null)
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
            guard !begin("import", "images", id) else { return .answer(202) }
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
