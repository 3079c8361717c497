extension Tables {
    /// The inventory that a test finds: more of everything than fits on a page, and the oddities that clouds have.
    mutating func furnish() {
        let image = makeImage("debian-12", "qcow2", Array(repeating: 3, count: 5000))
        makeImage("ubuntu-24.04", "qcow2", Array(repeating: 4, count: 700))
        makeImage("rescue/öl", "raw", Array(repeating: 5, count: 10))
        makeImage("empty", "qcow2", nil)
        makeFlavors()
        let network = makeNetwork("default")
        makeSubnet("default", "10.0.1.0/24", on: network)
        let outside = makeNetwork("public", ["router:external": true, "project_id": "someone-else"])
        makeSubnet("public", "172.24.4.0/24", on: outside)
        makeServers(image, network)
        for name in ["data", "logs", "backup", ""] { makeVolume(name, 2) }
        makeGroup("default", "Default security group")
        let web = makeGroup("web", "web servers")
        for port: JSON in [80, 443] {
            _ = makeRule([
                "security_group_id": .text(web), "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
                "port_range_min": port, "port_range_max": port, "remote_ip_prefix": "0.0.0.0/0",
            ])
        }
        let zone = makeZone("example.org.")
        _ = makeRecords(zone, "www.example.org.", "A", ["192.0.2.1", "192.0.2.2"])
        makeZone("lab.example.net.")
        for container in ["assets", "backups", "empty", "logs"] { objects[container] = [:] }
        for (key, text) in [("index.html", "<p>hello</p>\n"), ("img/logo.svg", "<svg/>\n"), ("img/icons/a.svg", "a\n")]
        {
            store(Array(text.utf8), "text/plain", "assets", key)
        }
    }

    private mutating func makeFlavors() {
        let sizes = [
            ("m1.tiny", 512, 1), ("m1.small", 1024, 1), ("m1.medium", 2048, 2), ("m1.large", 4096, 4),
        ]
        for (name, memory, cpus) in sizes { makeFlavor(name, memory, cpus) }
        // Every size that somebody may write on the way from one to another.
        for memory in [768, 1024, 1280, 1536, 1792, 2048] {
            for cpus in [2, 3] where (memory, cpus) != (2048, 2) { makeFlavor("c\(cpus).m\(memory)", memory, cpus) }
        }
    }

    private mutating func makeFlavor(_ name: String, _ memory: Int, _ cpus: Int) {
        insert(
            "flavors",
            [
                "id": .text(makeID()), "name": .text(name), "ram": .number(memory), "vcpus": .number(cpus), "disk": 1,
                "OS-FLV-EXT-DATA:ephemeral": 0, "os-flavor-access:is_public": true, "description": nil,
            ])
    }

    private mutating func makeServers(_ image: String, _ network: String) {
        guard let flavor = rows["flavors"]?.first else { return }
        for name in ["web1", "db1", "twin", "twin", "a/b ünïcode"] {
            let id = makeServer(name, flavor, image: image, ["metadata": ["plan": "lab"]])
            _ = makePort(on: network, of: id)
            if name == "db1" {
                attach(makeVolume("db1-data", 4), to: id)
                update("servers", id) { $0["status"] = "SHUTOFF" }
            }
        }
        makeServer("lonely", flavor, image: image)
        let broken = makeServer("broken", flavor, image: image)
        update("servers", broken) { row in
            row["status"] = "ERROR"
            row["OS-EXT-STS:power_state"] = 0
            row["fault"] = ["code": 500, "message": "No valid host was found.", "created": "2026-01-31T12:00:00Z"]
        }
    }
}
