import HTTPTesting

/// What servers are made of and leave behind: ports, images, records of what was done.
extension Tables {
    // MARK: Ports

    /// Gives a port that was made before to a server; whether there is one.
    mutating func bind(_ port: String, to server: String) -> Bool {
        guard row("ports", port) != nil else { return false }
        update("ports", port) { row in
            row["device_id"] = .text(server)
            row["device_owner"] = "compute:nova"
        }
        return true
    }

    /// Takes a port from its server: Compute deletes those that it made itself; whether there is one.
    @discardableResult
    mutating func unbind(_ port: String) -> Bool {
        guard let found = row("ports", port) else { return false }
        guard found["stub:made"] == true else { return remove("ports", port) }
        update("ports", port) { row in
            row["device_id"] = ""
            row["device_owner"] = ""
        }
        return true
    }

    // MARK: Actions

    /// Notes an action of a server, and why it failed; the number of its request.
    mutating func note(_ action: String, on id: String, fault: String? = nil) -> String {
        let time = makeTime()
        let request = "req-" + makeID()
        let start = String(time.dropLast()) + ".250000"
        let event: JSON = [
            "event": .text("compute_" + action), "start_time": .text(start), "finish_time": .text(start),
            "result": fault == nil ? "Success" : "Error", "details": fault.map(JSON.text) ?? nil, "host": "bed",
        ]
        let entry: JSON = [
            "action": .text(action), "start_time": .text(start), "message": fault == nil ? nil : "Error",
            "request_id": .text(request), "instance_uuid": .text(id), "stub:events": [event],
        ]
        update("servers", id) { row in
            row["updated"] = .text(time)
            row["stub:actions"] = .array([entry] + row["stub:actions"].elements)
        }
        return request
    }

    /// All of them, or one with its events.
    func actions(of server: JSON, _ request: String?) -> StubReply {
        let all = server["stub:actions"].elements
        guard let request else { return Self.ok(["instanceActions": .array(all)]) }
        guard var action = all.first(where: { $0["request_id"].string == request }) else {
            return Self.fault(404, "Action for request_id \(request) on instance could not be found.")
        }
        action["events"] = action["stub:events"]
        return Self.ok(["instanceAction": action])
    }

    // MARK: Images

    /// Of a server of an image it is the content of its disk; of one that boots from a volume it is a list of snapshots.
    mutating func createImage(of server: JSON, _ wish: JSON, _ request: String) -> StubReply {
        let isOfVolume = server["image"]["id"] == .null
        let id = makeImage(wish["name"].string ?? "", "qcow2", isOfVolume ? [] : Array(repeating: 7, count: 64))
        update("images", id) { row in
            for (key, value) in wish["metadata"].fields { row[key] = value }
            row["base_image_ref"] = isOfVolume ? "" : server["image"]["id"]
        }
        if isOfVolume {
            let mapping = volumes(of: server["id"].string ?? "").enumerated().map { index, volume -> JSON in
                let name = "snapshot for \(wish["name"].string ?? "")"
                let snapshot = makeSnapshot(name, of: volume)
                return [
                    "source_type": "snapshot", "destination_type": "volume", "snapshot_id": .text(snapshot),
                    "boot_index": index == 0 ? 0 : nil, "volume_size": volume["size"], "device_type": "disk",
                    "delete_on_termination": volume["stub:own"],
                ]
            }
            update("images", id) { row in
                row["block_device_mapping"] = .text(String(decoding: JSON.array(mapping).bytes, as: UTF8.self))
                row["bdm_v2"] = "True"
            }
        }
        _ = begin("createImage", "images", id, request: request)
        return Self.ok(["image_id": .text(id)], 202, ["X-OpenStack-Request-Id": request])
    }

    func volumes(of server: String) -> [JSON] {
        (rows["volumes"] ?? []).filter { volume in
            volume["attachments"].elements.contains { $0["server_id"].string == server }
        }.sorted { Self.device($0) < Self.device($1) }
    }

    private static func device(_ volume: JSON) -> String {
        volume["attachments"].elements.first?["device"].string ?? ""
    }

    /// The boot volume has the content of the image then.
    mutating func reimage(_ server: String, with image: JSON) {
        guard let root = volumes(of: server).first?["id"].string else { return }
        let found = row("images", image.string ?? "")
        update("volumes", root) { $0["stub:content"] = found?["stub:content"] ?? .null }
    }
}
