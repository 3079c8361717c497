import HTTPTesting

extension Tables {
    mutating func compute(_ call: Call, _ path: [String]) -> StubReply {
        switch (call.method, path.first ?? "") {
        case ("GET", ""):
            let (newest, oldest) = (microversions.compute, microversions.oldestCompute)
            return Self.ok([
                "version": [
                    "id": "v2.1", "version": .text(newest), "min_version": .text(oldest), "status": "CURRENT",
                ]
            ])
        case (_, "servers"): return servers(call, Array(path.dropFirst()))
        case ("GET", "flavors"): return page(rows["flavors"] ?? [], "flavors", call)
        case ("GET", "limits"):
            let absolute: JSON = [
                "maxTotalInstances": .number(serverQuota), "totalInstancesUsed": .number(rows["servers"]?.count ?? 0),
                "maxTotalCores": 20, "totalCoresUsed": 4, "maxTotalRAMSize": 51200, "totalRAMUsed": 2048,
            ]
            return Self.ok(["limits": ["rate": [], "absolute": absolute]])
        case ("GET", "os-availability-zone"):
            return Self.ok(["availabilityZoneInfo": [["zoneName": "nova", "zoneState": ["available": true]]]])
        case ("GET", "os-hypervisors"): return Self.fault(403, "Policy doesn't allow it to be performed.")
        case ("GET", "os-server-groups"): return Self.ok(["server_groups": []])
        default: return Self.fault(404, "no such path in Compute")
        }
    }

    private mutating func servers(_ call: Call, _ path: [String]) -> StubReply {
        switch (call.method, path.count) {
        case ("GET", 0):
            let short = (rows["servers"] ?? []).map { ["id": $0["id"], "name": $0["name"]] as JSON }
            return page(short, "servers", call)
        case ("GET", 1) where path[0] == "detail": return page((rows["servers"] ?? []).map(shown), "servers", call)
        case ("POST", 0): return createServer(call.body)
        default: break
        }
        guard let id = path.first, let server = row("servers", id) else {
            return Self.fault(404, "Instance \(path.first ?? "") could not be found.")
        }
        switch (call.method, path.dropFirst().first ?? "") {
        case ("GET", ""):
            step("servers", id)
            guard let server = row("servers", id) else { return Self.fault(404, "Instance could not be found.") }
            return Self.ok(["server": shown(server)])
        case ("PUT", ""):
            for (key, value) in call.body["server"].fields { update("servers", id) { $0[key] = value } }
            return Self.ok(["server": shown(row("servers", id) ?? .null)])
        case ("DELETE", ""): return deleteServer(id)
        case ("POST", "metadata"):
            for (key, value) in call.body["metadata"].fields { update("servers", id) { $0["metadata"][key] = value } }
            return Self.ok(["metadata": row("servers", id)?["metadata"] ?? .null])
        case ("DELETE", "metadata"):
            let key = path.last ?? ""
            guard server["metadata"].fields[key] != nil else { return Self.fault(404, "Metadata item was not found") }
            update("servers", id) { row in
                var fields = row["metadata"].fields
                fields[key] = nil
                row["metadata"] = .object(fields)
            }
            return .answer(204)
        case ("POST", "action"): return act(server, call.body)
        case ("POST", "remote-consoles"):
            let url = "http://console.example.org:6080/vnc_auto.html?path=%3Ftoken%3D\(id)"
            return Self.ok(["remote_console": ["protocol": "vnc", "type": "novnc", "url": .text(url)]])
        case ("GET", "os-instance-actions"): return actions(of: server, path.count > 2 ? path[2] : nil)
        default: return serverParts(call, id, Array(path.dropFirst()))
        }
    }

    /// Interfaces and volumes.
    private mutating func serverParts(_ call: Call, _ id: String, _ path: [String]) -> StubReply {
        switch (call.method, path.first ?? "") {
        case ("POST", "os-interface"):
            let wish = call.body["interfaceAttachment"]
            if let port = wish["port_id"].string {
                guard bind(port, to: id) else { return Self.fault(400, "Port id \(port) could not be found.") }
                return Self.ok(["interfaceAttachment": ["port_id": .text(port)]])
            }
            guard let network = wish["net_id"].string, row("networks", network) != nil else {
                return Self.fault(400, "Network could not be found")
            }
            let port = makePort(on: network, of: id, wish["fixed_ips"].elements.first?["ip_address"].string)
            return Self.ok(["interfaceAttachment": ["port_id": .text(port), "net_id": .text(network)]])
        case ("DELETE", "os-interface"):
            return unbind(path.last ?? "") ? .answer(202) : Self.fault(404, "Port not found")
        case ("POST", "os-volume_attachments"):
            let volume = call.body["volumeAttachment"]["volumeId"].string ?? ""
            guard let found = row("volumes", volume) else { return Self.fault(404, "Volume could not be found.") }
            guard found["status"].string == "available" else {
                return Self.fault(400, "Invalid volume: volume \(volume) status must be available")
            }
            let request = note("attach_volume", on: id, fault: plans["attach"]?.last?["stub:details"].string)
            let isOwn = call.body["volumeAttachment"]["delete_on_termination"]
            if !begin("attach", "volumes", volume, request: request) {
                attach(volume, to: id)
                if isOwn != .null { update("volumes", volume) { $0["stub:own"] = isOwn } }
            }
            return Self.ok(
                ["volumeAttachment": ["volumeId": .text(volume), "serverId": .text(id)]], 200,
                ["X-OpenStack-Request-Id": request])
        case ("DELETE", "os-volume_attachments"):
            guard let volume = path.last, row("volumes", volume) != nil else {
                return Self.fault(404, "no such volume")
            }
            let request = note("detach_volume", on: id, fault: plans["detach"]?.last?["stub:details"].string)
            if begin("detach", "volumes", volume, request: request) {
                return .answer(202, ["X-OpenStack-Request-Id": request])
            }
            update("volumes", volume) { row in
                row["attachments"] = []
                row["status"] = "available"
            }
            return .answer(202)
        default: return Self.fault(404, "no such path of a server")
        }
    }

    mutating func attach(_ volume: String, to server: String) {
        let used = (rows["volumes"] ?? []).count { volume in
            volume["attachments"].elements.contains { $0["server_id"].string == server }
        }
        let hasRoot = row("servers", server)?["image"]["id"].string != nil
        let letters = ["a", "b", "c", "d", "e", "f", "g"]
        let device = "/dev/vd" + letters[min(used + (hasRoot ? 1 : 0), letters.count - 1)]
        update("volumes", volume) { row in
            row["attachments"] = [["server_id": .text(server), "device": .text(device), "volume_id": .text(volume)]]
            row["status"] = "in-use"
        }
    }

    /// With what follows from other tables.
    private func shown(_ server: JSON) -> JSON {
        var server = server
        let id = server["id"].string ?? ""
        var addresses: [String: JSON] = [:]
        for port in rows["ports"] ?? [] where port["device_id"].string == id {
            let network = row("networks", port["network_id"].string ?? "")?["name"].string ?? ""
            var found = addresses[network]?.elements ?? []
            for fixed in port["fixed_ips"].elements {
                found.append([
                    "addr": fixed["ip_address"], "version": 4, "OS-EXT-IPS:type": "fixed",
                    "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
                ])
            }
            for floating in rows["floatingips"] ?? [] where floating["port_id"] == port["id"] {
                found.append([
                    "addr": floating["floating_ip_address"], "version": 4, "OS-EXT-IPS:type": "floating",
                    "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
                ])
            }
            addresses[network] = .array(found)
        }
        server["addresses"] = .object(addresses)
        let volumes = (rows["volumes"] ?? []).filter { volume in
            volume["attachments"].elements.contains { $0["server_id"].string == id }
        }
        server["os-extended-volumes:volumes_attached"] = .array(
            volumes.map { ["id": $0["id"], "delete_on_termination": $0["stub:own"]] })
        return server
    }

    // MARK: Making

    private mutating func createServer(_ body: JSON) -> StubReply {
        let wish = body["server"]
        guard (rows["servers"] ?? []).count < serverQuota else {
            let used = "already used \(serverQuota) of \(serverQuota) instances"
            return Self.fault(403, "Quota exceeded for instances: Requested 1, but \(used)")
        }
        guard let flavor = row("flavors", wish["flavorRef"].string ?? "") else {
            return Self.fault(400, "Flavor could not be found.")
        }
        if let image = wish["imageRef"].string, row("images", image) == nil {
            return Self.fault(400, "Image \(image) could not be found.")
        }
        for disk in wish["block_device_mapping_v2"].elements {
            if let type = disk["volume_type"].string, !["ssd", "hdd"].contains(type) {
                return Self.fault(400, "Volume type \(type) could not be found.")
            }
        }
        let id = makeServer(wish["name"].string ?? "", flavor, image: wish["imageRef"].string, wish)
        for interface in wish["networks"].elements {
            if let port = interface["port"].string { _ = bind(port, to: id) }
            guard let network = interface["uuid"].string else { continue }
            _ = makePort(on: network, of: id, interface["fixed_ip"].string)
        }
        for disk in wish["block_device_mapping_v2"].elements where disk["destination_type"] != "local" {
            var volume = disk["uuid"].string ?? ""
            if disk["source_type"].string != "volume" { volume = makeVolume("", disk["volume_size"].int ?? 1) }
            let isOwn = disk["delete_on_termination"]
            update("volumes", volume) { $0["stub:own"] = isOwn }
            attach(volume, to: id)
        }
        _ = begin("build", "servers", id)
        return Self.ok(["server": ["id": .text(id), "adminPass": "stub"]], 202)
    }

    @discardableResult
    mutating func makeServer(_ name: String, _ flavor: JSON, image: String?, _ wish: JSON = [:]) -> String {
        let id = makeID()
        var server: JSON = [
            "id": .text(id), "name": .text(name), "status": "ACTIVE", "OS-EXT-STS:task_state": nil,
            "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:power_state": 1, "tenant_id": .text(Self.project),
            "user_id": "u1", "metadata": wish["metadata"] == .null ? [:] : wish["metadata"],
            "description": wish["description"], "key_name": wish["key_name"], "config_drive": "", "progress": 0,
            "OS-EXT-AZ:availability_zone": "nova", "security_groups": [["name": "default"]],
            "stub:user_data": wish["user_data"],
        ]
        server["image"] = image.map { ["id": .text($0), "links": []] } ?? ""
        server["flavor"] = Self.embedded(flavor)
        let time = makeTime()
        server["created"] = .text(time)
        server["updated"] = .text(time)
        insert("servers", server)
        return id
    }

    static func embedded(_ flavor: JSON) -> JSON {
        [
            "original_name": flavor["name"], "vcpus": flavor["vcpus"], "ram": flavor["ram"], "disk": flavor["disk"],
            "ephemeral": 0, "swap": 0, "extra_specs": [:],
        ]
    }

    private mutating func deleteServer(_ id: String) -> StubReply {
        for port in rows["ports"] ?? [] where port["device_id"].string == id { unbind(port["id"].string ?? "") }
        for volume in rows["volumes"] ?? []
        where volume["attachments"].elements.contains(where: { $0["server_id"].string == id }) {
            let volumeID = volume["id"].string ?? ""
            if volume["stub:own"] == true {
                remove("volumes", volumeID)
            } else {
                update("volumes", volumeID) { row in
                    row["attachments"] = []
                    row["status"] = "available"
                }
            }
        }
        remove("servers", id)
        return .answer(204)
    }

    // MARK: Actions

    private mutating func act(_ server: JSON, _ body: JSON) -> StubReply {
        let id = server["id"].string ?? ""
        let action = body.fields.keys.first ?? ""
        let allowed: [String: Set<String>] = [
            "os-start": ["SHUTOFF"], "os-stop": ["ACTIVE", "ERROR"], "suspend": ["ACTIVE"], "resume": ["SUSPENDED"],
            "pause": ["ACTIVE"],
            "unpause": ["PAUSED"], "resize": ["ACTIVE", "SHUTOFF"], "confirmResize": ["VERIFY_RESIZE"],
        ]
        let status = server["status"].string ?? ""
        if let states = allowed[action], !states.contains(status) {
            return Self.fault(409, "Cannot '\(action)' instance \(id) while it is in vm_state \(status.lowercased())")
        }
        let fault = plans[action]?.last?["stub:details"].string
        let request = note(action.replacing("os-", with: ""), on: id, fault: fault)
        switch action {
        case "pause": set(id, "PAUSED", 3)
        case "os-start", "resume", "unpause": set(id, "ACTIVE", 1)
        case "os-stop": set(id, "SHUTOFF", 4)
        case "suspend": set(id, "SUSPENDED", 4)
        case "reboot": set(id, "ACTIVE", 1)
        case "rebuild":
            let image = body["rebuild"]["imageRef"]
            if server["image"]["id"] == .null {
                reimage(id, with: image)
            } else {
                update("servers", id) { $0["image"] = ["id": image] }
            }
        case "resize":
            guard let flavor = row("flavors", body["resize"]["flavorRef"].string ?? "") else {
                return Self.fault(400, "Flavor could not be found.")
            }
            update("servers", id) { row in
                row["flavor"] = Self.embedded(flavor)
                row["stub:before"] = row["status"]
                row["status"] = "VERIFY_RESIZE"
            }
            _ = begin("resize", "servers", id, request: request)
        case "confirmResize": update("servers", id) { $0["status"] = $0["stub:before"] }
        case "createImage": return createImage(of: server, body["createImage"], request)
        case "os-getConsoleOutput": return Self.ok(["output": "booting\nlogin: "])
        default: return Self.fault(400, "There is no such action: \(action)")
        }
        return .answer(202, ["X-OpenStack-Request-Id": request])
    }

    private mutating func set(_ id: String, _ status: String, _ power: Int) {
        update("servers", id) { row in
            row["status"] = .text(status)
            row["OS-EXT-STS:power_state"] = .number(power)
        }
    }
}
