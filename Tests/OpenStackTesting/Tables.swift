import HTTPTesting

/// All that the stub's services know.
struct Tables {
    static let password = "stub-secret"
    static let project = "5f705771-0000-4000-8000-000000000001"

    /// An object of Object Store.
    struct StoredObject {
        var bytes: [UInt8]
        var type: String
        var etag: String
        var stamp: Int
        var metadata: [String: String] = [:]
        /// The manifest of a large one.
        var manifest: [JSON] = []
        /// Where the segments of a dynamic large one are: `CONTAINER/PREFIX`.
        var prefix: String?
    }

    let url: String
    let pageSize: Int
    let absent: Set<String>
    var rows: [String: [JSON]] = [:]
    var objects: [String: [String: StoredObject]] = [:]
    /// What temporary addresses are signed with.
    var temporaryKey: String?
    /// `X-Container-Read` of containers.
    var readers: [String: String] = [:]
    /// What is noted about containers, by their names and the keys as Swift capitalizes them.
    var notes: [String: [String: String]] = [:]
    var contents: [String: [UInt8]] = [:]
    /// The number of the token that is taken.
    var token = 1
    var serverQuota = 1000
    /// The types of services that are down.
    var down: Set<String> = []
    /// When tokens end.
    var expiry = "2999-12-31T23:59:59.000000Z"
    /// The catalogue in place of the usual one.
    var catalog: [JSON]?
    /// The newest microversions, and the oldest.
    var microversions = (compute: "2.93", oldestCompute: "2.1", volume: "3.70")
    /// What happens to a row after an action, by the action's name: the states that looks at it find.
    var plans: [String: [JSON]] = [:]
    private var count = 0

    init(url: String, pageSize: Int, absent: Set<String>) {
        self.url = url
        self.pageSize = pageSize
        self.absent = absent
    }

    // MARK: Rows

    mutating func next() -> Int {
        count += 1
        return count
    }

    /// A new id: ids come in the order of making.
    mutating func makeID() -> String {
        let digits = String(next(), radix: 16)
        return "0b5e2a7c-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// A time that moves on by a second whenever it is asked for.
    mutating func makeTime() -> String { Self.time(of: next()) + "Z" }

    /// The time so many seconds after the beginning of a day.
    static func time(of seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "2026-01-31T\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    func row(_ table: String, _ id: String) -> JSON? { rows[table]?.first { $0["id"].string == id } }

    mutating func insert(_ table: String, _ row: JSON) { rows[table, default: []].append(row) }

    mutating func update(_ table: String, _ id: String, _ body: (inout JSON) -> Void) {
        guard let index = rows[table]?.firstIndex(where: { $0["id"].string == id }), var row = rows[table]?[index]
        else { return }
        body(&row)
        rows[table]?[index] = row
    }

    /// Begins an action that has a plan: the row is in the first state at once. Whether there is one.
    mutating func begin(_ action: String, _ table: String, _ id: String, request: String? = nil) -> Bool {
        guard let plan = plans.removeValue(forKey: action) else { return false }
        update(table, id) { row in
            row["stub:then"] = .array(plan)
            row["stub:request"] = request.map(JSON.text) ?? nil
        }
        step(table, id)
        return true
    }

    /// Puts the row into the next state of its plan; in the last it stays. `stub:message` is one of Block Storage,
    /// `stub:task` one about the import of an image, and with `stub:gone` the row goes.
    mutating func step(_ table: String, _ id: String) {
        guard let row = row(table, id), let state = row["stub:then"].elements.first else { return }
        let rest = JSON.array(Array(row["stub:then"].elements.dropFirst()))
        if let text = state["stub:message"].string { makeMessage(text, of: id, request: row["stub:request"].string) }
        if state["stub:task"] != .null { makeTask(state["stub:task"], of: id) }
        update(table, id) { row in
            for (key, value) in state.fields { row[key] = value }
            row["stub:then"] = rest
        }
        if state["stub:gone"] == true { remove(table, id) }
    }

    @discardableResult
    mutating func remove(_ table: String, _ id: String) -> Bool {
        guard let index = rows[table]?.firstIndex(where: { $0["id"].string == id }) else { return false }
        rows[table]?.remove(at: index)
        return true
    }

    // MARK: Answers

    mutating func answer(_ call: Call) -> StubReply {
        guard let service = call.path.first else { return Self.fault(404, "no such path") }
        if service == "identity" { return identity(call) }
        let isObject = service == "object"
        guard call.request.header("X-Auth-Token") == "token-\(token)" || (isObject && isSigned(call)) else {
            return Self.unauthorized
        }
        let rest = Array(call.path.dropFirst())
        if down.contains(service) { return .text(503, "<html>Service Unavailable</html>") }
        if isObject { return objectStore(call, Array(rest.dropFirst(2))) }
        switch service {
        case "compute": return rest.isEmpty ? versions(service) : compute(call, Array(rest.dropFirst()))
        case "image": return image(call, Array(rest.dropFirst()))
        case "network": return network(call, Array(rest.dropFirst()))
        case "volume": return rest.isEmpty ? versions(service) : volume(call, Array(rest.dropFirst(2)))
        case "dns": return dns(call, Array(rest.dropFirst()))
        default: return Self.fault(404, "no such service")
        }
    }

    /// What stands at the root of a service.
    private func versions(_ service: String) -> StubReply {
        func version(_ id: String, _ status: String, _ oldest: String, _ newest: String) -> JSON {
            let path = id.hasSuffix(".0") ? String(id.dropLast(2)) : id
            let link: JSON = ["rel": "self", "href": .text("http://elsewhere.example.org/\(path)/")]
            return [
                "id": .text(id), "status": .text(status), "version": .text(newest), "min_version": .text(oldest),
                "links": [link],
            ]
        }
        guard service == "compute" else {
            let old = version("v2.0", "DEPRECATED", "", "")
            return Self.ok(["versions": [old, version("v3.0", "CURRENT", "3.0", microversions.volume)]], 300)
        }
        let new = version("v2.1", "CURRENT", microversions.oldestCompute, microversions.compute)
        return Self.ok(["versions": [version("v2.0", "SUPPORTED", "", ""), new]])
    }

    private static let unauthorized = ok(
        [
            "error": [
                "code": 401, "title": "Unauthorized",
                "message": "The request you have made requires authentication.",
            ]
        ], 401)

    static func ok(_ document: JSON, _ status: Int = 200, _ headers: [String: String] = [:]) -> StubReply {
        .answer(status, headers.merging(["Content-Type": "application/json"]) { own, _ in own }, document.bytes)
    }

    /// Compute's and Block Storage's way to say no.
    static func fault(_ status: Int, _ message: String) -> StubReply {
        let names = [400: "badRequest", 403: "forbidden", 404: "itemNotFound", 409: "conflictingRequest"]
        let words: JSON = ["code": .number(status), "message": .text(message)]
        return ok(.object([names[status] ?? "computeFault": words]), status)
    }

    /// Networking's way.
    static func refusal(_ status: Int, _ type: String, _ message: String) -> StubReply {
        ok(["NeutronError": ["type": .text(type), "message": .text(message), "detail": ""]], status)
    }

    /// A page of a listing, with the address of the next one in the service's own place for it.
    func page(_ all: [JSON], _ key: String, _ call: Call, links: Bool = true) -> StubReply {
        var rest = all[...]
        if let marker = call.query["marker"] {
            guard let index = all.firstIndex(where: { $0["id"].string == marker }) else {
                return Self.fault(400, "marker [\(marker)] not found")
            }
            rest = all[(index + 1)...]
        }
        let limit = min(pageSize, call.query["limit"].flatMap { Int($0) } ?? pageSize)
        let page = Array(rest.prefix(limit))
        var document: JSON = .object([key: .array(page)])
        if rest.count > limit, let last = page.last?["id"].string {
            let next = "\(url)\(call.request.path)?limit=\(limit)&marker=\(last)"
            if links {
                document["\(key)_links"] = [["rel": "next", "href": .text(next)]]
            } else if key == "images" {
                document["next"] = .text(next)
            } else {
                document["links"] = ["next": .text(next)]
            }
        }
        return Self.ok(document)
    }

    // MARK: Identity

    private func identity(_ call: Call) -> StubReply {
        guard call.method == "POST", call.path.suffix(2) == ["auth", "tokens"] else {
            return Self.fault(404, "not here")
        }
        let proof = call.body["auth"]["identity"]
        guard proof["password"]["user"]["password"].string == Self.password else {
            return Self.unauthorized
        }
        let services = [
            ("compute", "/compute/v2.1"), ("image", "/image"), ("network", "/network"),
            ("volumev3", "/volume/v3/\(Self.project)"), ("object-store", "/object/v1/AUTH_\(Self.project)"),
            ("dns", "/dns"),
        ]
        let catalog =
            self.catalog
            ?? services.filter { !absent.contains($0.0) }.map { type, path -> JSON in
                let endpoint: JSON = [
                    "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": .text(url + path),
                ]
                return ["type": .text(type), "name": .text(type), "endpoints": [endpoint]]
            }
        let document: JSON = [
            "token": [
                "expires_at": .text(expiry), "issued_at": "2026-01-31T00:00:00.000000Z",
                "methods": ["password"], "catalog": .array(catalog), "roles": [["id": "r1", "name": "member"]],
                "project": [
                    "id": .text(Self.project), "name": "demo", "domain": ["id": "default", "name": "Default"],
                ],
                "user": ["id": "u1", "name": "demo", "domain": ["id": "default", "name": "Default"]],
            ]
        ]
        return Self.ok(document, 201, ["X-Subject-Token": "token-\(token)"])
    }
}
