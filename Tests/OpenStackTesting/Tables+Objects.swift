import Crypto
import FoundationEssentials
import HTTPTesting

extension Tables {
    mutating func objectStore(_ call: Call, _ path: [String]) -> StubReply {
        guard let container = path.first else {
            guard call.method == "GET" else {
                let key = temporaryKey.map { ["X-Account-Meta-Temp-Url-Key": $0] } ?? [:]
                return .answer(204, key.merging(["X-Account-Object-Count": "0"]) { $1 })
            }
            let names = objects.keys.sorted().filter { $0 > (call.query["marker"] ?? "") }
            let list = names.prefix(pageSize).map { name -> JSON in
                ["name": .text(name), "count": .number(objects[name]?.count ?? 0), "bytes": 0]
            }
            return Self.ok(.array(Array(list)))
        }
        let key = path.dropFirst().joined(separator: "/")
        guard !key.isEmpty else { return self.container(call, container) }
        guard objects[container] != nil else { return .text(404, "<html><h1>Not Found</h1></html>") }
        return object(call, container, key)
    }

    /// Whether a request is one by a temporary address that holds (Object Store, "Temporary URL middleware"): signed are the
    /// method, the end and the path behind whatever is before the version.
    func isSigned(_ call: Call) -> Bool {
        guard let key = temporaryKey, let signature = call.query["temp_url_sig"],
            let end = call.query["temp_url_expires"],
            (Int(end) ?? 0) > Int(Date().timeIntervalSince1970)
        else { return false }
        let text = "\(call.method)\n\(end)\n/\(call.path.dropFirst().joined(separator: "/"))"
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == signature
    }

    private mutating func container(_ call: Call, _ name: String) -> StubReply {
        let wanted = call.request.header("X-Container-Read")
        switch call.method {
        case "PUT":
            objects[name] = objects[name] ?? [:]
            if let wanted { readers[name] = wanted }
            return .answer(201)
        case "POST":
            guard objects[name] != nil else { return .answer(404) }
            if let wanted { readers[name] = wanted.isEmpty ? nil : wanted }
            note(call, name)
            return .answer(204)
        case "DELETE":
            guard let found = objects[name] else { return .answer(404) }
            guard found.isEmpty else { return .answer(409) }
            objects[name] = nil
            readers[name] = nil
            notes[name] = nil
            return .answer(204)
        case "GET": return list(call, name)
        default:
            guard objects[name] != nil else { return .answer(404) }
            var headers = readers[name].map { ["X-Container-Read": $0] } ?? [:]
            for (key, value) in notes[name] ?? [:] { headers["X-Container-Meta-\(key)"] = value }
            return .answer(204, headers)
        }
    }

    /// What a POST does not name stays (Object Store, "Create, update, or delete container metadata").
    private mutating func note(_ call: Call, _ name: String) {
        for header in call.request.headers {
            for (prefix, removes) in [("x-container-meta-", false), ("x-remove-container-meta-", true)]
            where header.name.lowercased().hasPrefix(prefix) {
                let words = header.name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
                let key = words.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: "-")
                notes[name, default: [:]][key] = removes || header.value.isEmpty ? nil : header.value
            }
        }
    }

    private func list(_ call: Call, _ name: String) -> StubReply {
        guard let found = objects[name] else { return .text(404, "<html><h1>Not Found</h1></html>") }
        let (prefix, marker) = (call.query["prefix"] ?? "", call.query["marker"] ?? "")
        var entries: [JSON] = []
        var last = ""
        for key in found.keys.sorted() where key.hasPrefix(prefix) {
            guard let object = found[key] else { continue }
            if call.query["delimiter"] == "/", let slash = key.dropFirst(prefix.count).firstIndex(of: "/") {
                let subdirectory = String(key[...slash])
                guard subdirectory != last, subdirectory > marker else { continue }
                last = subdirectory
                entries.append(["subdir": .text(subdirectory)])
            } else if key > marker {
                entries.append([
                    "name": .text(key), "bytes": .number(object.bytes.count), "hash": .text(object.etag),
                    "content_type": .text(object.type),
                    "last_modified": .text(Self.time(of: object.stamp - 1_769_817_600) + ".000000"),
                ])
            }
        }
        let limit = call.query["limit"].flatMap { Int($0) } ?? 10000
        return Self.ok(
            .array(Array(entries.prefix(limit))), 200, readers[name].map { ["X-Container-Read": $0] } ?? [:])
    }

    private mutating func object(_ call: Call, _ container: String, _ key: String) -> StubReply {
        if call.method == "PUT" { return put(call, container, key) }
        guard let found = objects[container]?[key] else { return .text(404, "<html><h1>Not Found</h1></html>") }
        var headers = [
            "ETag": found.etag, "Content-Type": found.type, "X-Timestamp": "\(found.stamp).00000",
            "Last-Modified": "Sat, 31 Jan 2026 12:00:00 GMT",
        ]
        for (name, value) in found.metadata { headers["X-Object-Meta-\(name)"] = value }
        if !found.manifest.isEmpty { headers["X-Static-Large-Object"] = "True" }
        var bytes = found.bytes
        if let prefix = found.prefix {
            headers["X-Object-Manifest"] = prefix
            let segments = segments(of: prefix)
            bytes = segments.flatMap(\.bytes)
            headers["ETag"] = "\"d\(segments.map(\.etag).joined())\""
        }
        switch call.method {
        case "HEAD":
            headers["Content-Length"] = String(bytes.count)
            return .answer(200, headers)
        case "GET":
            if call.query["multipart-manifest"] == "get" { return Self.ok(.array(found.manifest)) }
            let etag = headers["ETag"] ?? ""
            if let wanted = call.request.header("If-Match"), !wanted.contains(etag) { return .answer(412) }
            return ranged(bytes, call, headers)
        case "POST":
            // What it does not name is gone.
            objects[container]?[key]?.metadata = Self.metadata(call)
            objects[container]?[key]?.prefix = call.request.header("X-Object-Manifest")
            return .answer(202)
        case "DELETE":
            objects[container]?[key] = nil
            guard call.query["multipart-manifest"] == "delete" else { return .answer(204) }
            for place in found.manifest.compactMap(Self.place) { objects[place.container]?[place.key] = nil }
            return Self.ok([
                "Response Status": "200 OK", "Response Body": "", "Errors": .array([]), "Number Not Found": 0,
                "Number Deleted": .number(found.manifest.count + 1),
            ])
        default: return .answer(405)
        }
    }

    private static func metadata(_ call: Call) -> [String: String] {
        call.request.header("X-Object-Meta-Mtime").map { ["Mtime": $0] } ?? [:]
    }

    /// The objects that a dynamic large one stands for.
    private func segments(of manifest: String) -> [StoredObject] {
        let parts = manifest.split(separator: "/", maxSplits: 1).map { Call.decode(String($0)) }
        guard parts.count == 2, let found = objects[parts[0]] else { return [] }
        return found.keys.filter { $0.hasPrefix(parts[1]) }.sorted().compactMap { found[$0] }
    }

    /// Where a segment is that a manifest has, as it is told: `/CONTAINER/KEY`.
    private static func place(_ segment: JSON) -> (container: String, key: String)? {
        let parts = (segment["name"].string ?? "").split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private mutating func put(_ call: Call, _ container: String, _ key: String) -> StubReply {
        if call.request.header("If-None-Match") == "*", objects[container]?[key] != nil { return .answer(412) }
        var bytes = call.request.body
        // The same content has the same one.
        var etag: String?
        if let source = call.request.header("X-Copy-From") {
            let parts = source.split(separator: "/", maxSplits: 1).map { Call.decode(String($0)) }
            guard parts.count == 2, let found = objects[parts[0]]?[parts[1]] else { return .answer(404) }
            bytes = found.bytes
            etag = found.etag
        } else if call.query["multipart-manifest"] == "put" {
            return putManifest(call, container, key)
        }
        store(bytes, call.request.header("Content-Type") ?? "application/octet-stream", container, key)
        if let etag { objects[container]?[key]?.etag = etag }
        objects[container]?[key]?.metadata = Self.metadata(call)
        objects[container]?[key]?.prefix = call.request.header("X-Object-Manifest")
        return .answer(201, ["ETag": objects[container]?[key]?.etag ?? ""])
    }

    private mutating func putManifest(_ call: Call, _ container: String, _ key: String) -> StubReply {
        var (manifest, bytes): ([JSON], [UInt8]) = ([], [])
        for part in JSON(call.request.body).elements {
            let segment: JSON = ["name": part["path"], "hash": part["etag"], "bytes": part["size_bytes"]]
            guard let place = Self.place(segment), let found = objects[place.container]?[place.key],
                found.etag == part["etag"].string, .number(found.bytes.count) == part["size_bytes"]
            else { return .text(400, "Errors:\n\(part["path"].string ?? ""), 404 Not Found") }
            manifest.append(segment)
            bytes += found.bytes
        }
        store(bytes, call.request.header("Content-Type") ?? "application/octet-stream", container, key)
        objects[container]?[key]?.manifest = manifest
        return .answer(201, ["ETag": objects[container]?[key]?.etag ?? ""])
    }

    mutating func store(_ bytes: [UInt8], _ type: String, _ container: String, _ key: String) {
        let number = String(next(), radix: 16)
        let etag = String(repeating: "e", count: 32 - number.count) + number
        objects[container, default: [:]][key] = StoredObject(
            bytes: bytes, type: type, etag: etag, stamp: 1_769_860_800 + next())
    }
}
