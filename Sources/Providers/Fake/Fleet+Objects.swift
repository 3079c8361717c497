import ProviderAPI

extension Fleet {
    /// Files of the company, with a large one whose bytes are made as they are read.
    private static let texts: [(bucket: String, key: String, type: String, text: String)] = [
        (
            "assets", "index.html", "text/html",
            "<!doctype html>\n<title>The shop</title>\n<link rel=stylesheet href=css/site.css>\n<h1>Open all hours</h1>\n"
        ),
        (
            "assets", "css/site.css", "text/css",
            "body { font: 16px/1.5 sans-serif; margin: 4em auto; max-width: 40em }\n"
        ),
        (
            "assets", "img/logo.svg", "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg' width='32' height='32'><circle cx='16' cy='16' r='12'/></svg>\n"
        ),
        ("assets", "robots.txt", "text/plain", "User-agent: *\nDisallow: /cart\n"),
        (
            "logs", "2025/11/28/lb1.log", "text/plain",
            "09:14:02 GET / 200 web1 12ms\n09:14:05 GET /cart 200 web2 31ms\n09:15:41 GET /cart 502 web3 3ms\n"
        ),
        (
            "logs", "2025/11/29/lb1.log", "text/plain",
            "08:02:17 GET / 200 web2 11ms\n08:02:20 GET /robots.txt 200 web1 1ms\n"
        ),
        ("backups", "README.txt", "text/plain", "One directory a machine, one file a night. Kept for 30 nights.\n"),
    ]

    mutating func addBuckets(to state: inout CloudState) {
        let made = 1_741_000_000
        for (number, name) in ["assets", "backups", "inbox", "logs"].enumerated() {
            let facts = Bucket(
                id: Bucket.ID("bucket-" + random.hex(8)), name: name, creationTime: made + number * 86400)
            var bucket = BucketRecord(facts: facts)
            bucket.isPublic = name == "assets"
            for (place, row) in Self.texts.enumerated() where row.bucket == name {
                let bytes = Array(row.text.utf8)
                let info = ObjectInfo(
                    key: row.key, size: bytes.count, modificationTime: 1_764_300_000 + place * 3607,
                    etag: Fingerprint.of(bytes), contentType: row.type, storageClass: "STANDARD")
                var object = BucketRecord.Stored(info: info, content: .bytes(bytes))
                object.isPublic = bucket.isPublic
                state.contentUsed += bucket.put(object)
            }
            if name == "backups" { addDumps(to: &bucket) }
            state.buckets.insert(bucket)
        }
    }

    /// Nightly dumps: their bytes derive from a seed and take no memory.
    private mutating func addDumps(to bucket: inout BucketRecord) {
        for (night, size) in [(28, 1 << 20), (29, 3 << 19)] {
            let seed = random.next()
            let info = ObjectInfo(
                key: "db1/2025-11-\(night)/orders.sql.zst", size: size,
                modificationTime: 1_764_288_000 + (night - 28) * 86400,
                etag: Randomness.hex(Randomness.mix(seed), 16) + Randomness.hex(UInt64(size), 16),
                contentType: "application/zstd", storageClass: "STANDARD")
            _ = bucket.put(BucketRecord.Stored(info: info, content: .generated(seed: seed)))
        }
    }
}
