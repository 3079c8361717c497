public import HTTPTesting
import Synchronization

/// A cloud of the tests' own, in memory: Identity, Compute, Image, Networking, Block Storage, Object Store and DNS with
/// payloads as their API references show them. Everything happens at once; listings come in small pages. What a test wants
/// to go wrong it puts on ``server``, which looks there first.
public final class StubCloud: Sendable {
    /// The server that all services are on.
    public let server: StubServer
    private let tables: Mutex<Tables>

    /// A cloud with a small inventory. `absent` names service types that its catalogue lacks.
    public init(pageSize: Int = 3, absent: Set<String> = []) throws {
        server = try StubServer()
        tables = Mutex(Tables(url: server.url, pageSize: pageSize, absent: absent))
        tables.withLock { $0.furnish() }
        server.otherwise { [weak self] request in
            guard let self else { return .close }
            return self.tables.withLock { $0.answer(Call(request)) }
        }
    }

    deinit { server.stop() }

    /// One for a whole process.
    public static let shared = Result { try StubCloud() }

    /// The id of the project.
    public static var project: String { Tables.project }

    /// The address of Identity.
    public var identity: String { server.url + "/identity" }

    /// What to sign in with: the settings' values, and the password.
    public var account: (user: String, project: String, password: String) { ("demo", "demo", Tables.password) }

    /// Takes no token any more that was given out so far.
    public func revokeTokens() { tables.withLock { $0.token += 1 } }

    /// How many tokens were asked for.
    public var tokensGiven: Int { server.requests.count { $0.path.hasSuffix("/auth/tokens") } }

    /// The rows of a table (`servers`, `volumes`, ...), as the platform would show them to its owner.
    public func rows(_ table: String) -> [JSON] { tables.withLock { $0.rows[table] ?? [] } }

    /// Changes a row behind everybody's back.
    public func change(_ table: String, named name: String, _ body: (inout JSON) -> Void) {
        tables.withLock { tables in
            for index in (tables.rows[table] ?? []).indices where tables.rows[table]?[index]["name"].string == name {
                if var row = tables.rows[table]?[index] {
                    body(&row)
                    tables.rows[table]?[index] = row
                }
            }
        }
    }

    /// What happens after the next action of that name (`build`, `create volume`, `extend`, `attach`, `snapshot`, `upload`,
    /// `import`, `createImage`, `resize`): the first state is there at once, each look at the row by itself finds the
    /// next, and the last stays.
    public func plan(_ action: String, _ states: [JSON]) { tables.withLock { $0.plans[action] = states } }
    /// The same.
    public func plan(_ action: String, _ states: JSON...) { plan(action, states) }

    /// Adds a row behind everybody's back.
    public func insert(_ table: String, _ row: JSON) { tables.withLock { $0.insert(table, row) } }

    /// Lets no more than so many servers be.
    public func limitServers(to count: Int) { tables.withLock { $0.serverQuota = count } }

    /// Takes services down, by the first component of their paths (`compute`, `image`, `network`, `volume`, `object`, `dns`).
    public func takeDown(_ services: Set<String>) { tables.withLock { $0.down = services } }

    /// Gives out tokens that are good for so many seconds, less than a day.
    public func limitTokens(to seconds: Int) { tables.withLock { $0.expiry = Tables.time(of: seconds) + ".000000Z" } }

    /// Gives out a catalogue of these entries: type, region and path of each.
    public func setCatalog(_ entries: [(type: String, interface: String, region: String, path: String)]) {
        tables.withLock { tables in
            tables.catalog = entries.map { entry in
                let endpoint: JSON = [
                    "interface": .text(entry.interface), "region_id": .text(entry.region),
                    "url": .text(server.url + entry.path),
                ]
                return ["type": .text(entry.type), "name": .text(entry.type), "endpoints": [endpoint]]
            }
        }
    }

    /// Makes Compute one that knows no other microversions than those.
    public func limitCompute(from oldest: String, to newest: String) {
        tables.withLock { tables in
            tables.microversions.oldestCompute = oldest
            tables.microversions.compute = newest
        }
    }

    /// The keys of a container; nil where there is none.
    public func keys(in container: String) -> [String]? {
        tables.withLock { $0.objects[container]?.keys.sorted() }
    }

    /// Whether everybody may read a container.
    public func isPublic(_ container: String) -> Bool {
        readers(of: container)?.contains(".r:*") ?? false
    }

    /// Gives the account a key that temporary addresses are signed with.
    public func setTemporaryKey(_ key: String?) { tables.withLock { $0.temporaryKey = key } }

    /// Puts a row into a table behind everybody's back, and gives its id.
    @discardableResult
    public func add(_ row: JSON, to table: String) -> String {
        tables.withLock { tables in
            var row = row
            let id = tables.makeID()
            row["id"] = .text(id)
            tables.insert(table, row)
            return id
        }
    }

    /// Notes something about a container behind everybody's back.
    public func setNote(_ text: String, _ key: String, of container: String) {
        tables.withLock { $0.notes[container, default: [:]][key] = text }
    }

    /// What is noted about a container, by keys.
    public func notes(of container: String) -> [String: String] { tables.withLock { $0.notes[container] ?? [:] } }

    /// The read list of a container; nil where it has none.
    public func readers(of container: String) -> String? { tables.withLock { $0.readers[container] } }

    /// Sets it behind everybody's back.
    public func setReaders(_ list: String?, of container: String) { tables.withLock { $0.readers[container] = list } }

    /// The bytes of an object; nil where there is none.
    public func object(_ key: String, in container: String) -> [UInt8]? {
        tables.withLock { $0.objects[container]?[key]?.bytes }
    }

    /// Makes a dynamic large object: its segments, and the manifest that names their prefix.
    public func makeDynamic(_ key: String, in container: String, segments: [[UInt8]], at prefix: String) {
        tables.withLock { tables in
            let place = prefix.split(separator: "/", maxSplits: 1).map(String.init)
            for (number, bytes) in segments.enumerated() {
                tables.store(bytes, "application/octet-stream", place[0], "\(place[1])\(number)")
            }
            tables.store([], "application/octet-stream", container, key)
            tables.objects[container]?[key]?.prefix = prefix
        }
    }

    /// The `CONTAINER/PREFIX` of a dynamic large object; nil where it is none.
    public func manifest(of key: String, in container: String) -> String? {
        tables.withLock { $0.objects[container]?[key]?.prefix }
    }

    /// The bytes of an image.
    public func content(ofImage id: String) -> [UInt8]? { tables.withLock { $0.contents[id] } }
}

/// A request, taken apart.
struct Call {
    let method: String
    /// Decoded, without empty ones.
    let path: [String]
    let query: [String: String]
    let request: StubRequest

    init(_ request: StubRequest) {
        self.request = request
        method = request.method
        path = request.path.split(separator: "/").map { Self.decode(String($0)) }
        var query: [String: String] = [:]
        for pair in request.query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decode(String(parts[0]))] = parts.count > 1 ? Self.decode(String(parts[1])) : ""
        }
        self.query = query
    }

    var body: JSON { JSON(request.body) }

    static func decode(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
