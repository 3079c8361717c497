import HTTPTesting

extension Tables {
    mutating func dns(_ call: Call, _ path: [String]) -> StubReply {
        switch (call.method, path.first ?? "", path.count) {
        case ("GET", "zones", 1): return page(rows["zones"] ?? [], "zones", call, links: false)
        case ("GET", "recordsets", 1): return page(rows["recordsets"] ?? [], "recordsets", call, links: false)
        case ("POST", "zones", 1):
            let wish = call.body
            let name = wish["name"].string ?? ""
            guard !(rows["zones"] ?? []).contains(where: { $0["name"].string == name }) else {
                return Self.ok(["code": 409, "type": "duplicate_zone", "message": "Duplicate Zone"], 409)
            }
            let id = makeZone(name)
            return Self.ok(row("zones", id) ?? .null, 202)
        default: break
        }
        guard path.first == "zones", path.count > 1, let zone = row("zones", path[1]) else {
            return Self.ok(["code": 404, "type": "zone_not_found", "message": "Could not find Zone"], 404)
        }
        let id = path[1]
        switch (call.method, path.count) {
        case ("GET", 2): return Self.ok(zone)
        case ("DELETE", 2):
            rows["recordsets"]?.removeAll { $0["zone_id"].string == id }
            remove("zones", id)
            return Self.ok(zone, 202)
        case ("GET", 3):
            let sets = (rows["recordsets"] ?? []).filter { $0["zone_id"].string == id }
            return page(sets, "recordsets", call, links: false)
        case ("POST", 3):
            let wish = call.body
            let set = makeRecords(id, wish["name"].string ?? "", wish["type"].string ?? "", wish["records"])
            if wish["ttl"] != .null { update("recordsets", set) { $0["ttl"] = wish["ttl"] } }
            return Self.ok(row("recordsets", set) ?? .null, 202)
        default: break
        }
        guard path.count == 4, row("recordsets", path[3]) != nil else {
            return Self.ok(["code": 404, "type": "recordset_not_found", "message": "Could not find RecordSet"], 404)
        }
        guard call.method == "PUT" else {
            remove("recordsets", path[3])
            return .answer(202)
        }
        for (key, value) in call.body.fields { update("recordsets", path[3]) { $0[key] = value } }
        return Self.ok(row("recordsets", path[3]) ?? .null, 202)
    }

    /// With the records that the service makes itself.
    @discardableResult
    mutating func makeZone(_ name: String) -> String {
        let id = makeID()
        insert("zones", ["id": .text(id), "name": .text(name), "status": "ACTIVE", "ttl": 3600, "type": "PRIMARY"])
        _ = makeRecords(id, name, "SOA", [.text("ns1.example.net. hostmaster.\(name) 1 3600 600 86400 3600")])
        _ = makeRecords(id, name, "NS", ["ns1.example.net."])
        return id
    }

    mutating func makeRecords(_ zone: String, _ name: String, _ type: String, _ records: JSON) -> String {
        let id = makeID()
        insert(
            "recordsets",
            [
                "id": .text(id), "zone_id": .text(zone), "name": .text(name), "type": .text(type), "ttl": nil,
                "records": records, "status": "ACTIVE",
            ])
        return id
    }
}
