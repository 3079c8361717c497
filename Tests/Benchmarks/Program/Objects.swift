import Foundation

/// A bucket of an S3 server as files, against curl, which does nothing but move the bytes, and against two other file
/// systems that show buckets.
///
/// Each measurement is of a new mount, so that no cache of the kernel's or of a program's is in it.
struct Objects {
    let workshop: Workshop
    let rounds: Int
    /// Bytes of the large object, in MiB.
    let size: Int
    let store: Store

    func run(_ report: inout Report) throws {
        try store.prepare(in: workshop, size: size)
        try data(&report)
        try smallFiles(&report)
        try listing(&report)
        try randomReads(&report)
        try memory(&report)
    }

    // MARK: Rows

    private func data(_ report: inout Report) throws {
        let (get, put) = (try store.url("get", "large"), try store.url("put", "written"))
        let input = "\(workshop.path)/input"
        let read = "dd if=large bs=1M status=none"
        let write = "dd if='\(input)' of=written bs=1M conv=fsync status=none"
        try compare(&report, "read \(size) MiB", read, curl: "curl -sf '\(get)'")
        try compare(&report, "write \(size) MiB", write, curl: "curl -sf -T '\(input)' '\(put)'")
        let readers = (0..<4).map { "dd if=part\($0) bs=1M status=none" }
        let parts = try (0..<4).map { "curl -sf '\(try store.url("get", "part\($0)"))'" }
        try compare(
            &report, "4 readers of \(size / 4) MiB each", Self.together(readers), curl: Self.together(parts))
    }

    private func smallFiles(_ report: inout Report) throws {
        let files = "\(workshop.path)/files"
        let back = "\(workshop.path)/back"
        for other in Client.others where other.isThere {
            let pairing = try Pairing(rounds: rounds, warmUp: false) {
                try time(.infrafs, "cp -r '\(files)' copied && rm -r copied")
            } against: {
                try time(other, "cp -r '\(files)' copied && rm -r copied")
            }
            report.speedUp(
                "1,000 files of 4 KiB in, and removed", over: "`\(other)`", pairing,
                goal: other == .s3fs ? .atLeast(3) : nil)
            let reading = try Pairing(rounds: rounds, warmUp: false) {
                try time(.infrafs, "rm -rf '\(back)' && cp -r files '\(back)'")
            } against: {
                try time(other, "rm -rf '\(back)' && cp -r files '\(back)'")
            }
            report.speedUp(
                "1,000 files of 4 KiB out", over: "`\(other)`", reading, goal: other == .s3fs ? .atLeast(3) : nil)
        }
    }

    private func listing(_ report: inout Report) throws {
        try compare(&report, "`ls -lR` of 10,000 keys", "ls -lR many", curl: nil)
    }

    private func randomReads(_ report: inout Report) throws {
        let script = """
            import os, random; chance = random.Random(1); fd = os.open("large", os.O_RDONLY); \
            [os.pread(fd, 4096, chance.randrange(\(size << 20) - 4096)) for _ in range(200)]
            """
        try compare(&report, "200 random reads of 4 KiB", "python3 -c '\(script)'", curl: nil)
    }

    /// The most that was resident over reading and writing the large object.
    private func memory(_ report: inout Report) throws {
        for client in Client.allCases where client.isThere {
            let mounted = try store.mount(client, in: workshop)
            defer { try? mounted.unmount() }
            let line = "dd if=large bs=1M status=none; cp large copy; rm copy"
            _ = try Command.time(line, in: store.bucket(client, mounted))
            report.tell(
                "most resident memory of `\(client)`, reading and copying \(size) MiB",
                Sample(values: [try mounted.mostResidentMemory()]), " MiB")
        }
    }

    // MARK: Measuring

    private func compare(_ report: inout Report, _ what: String, _ line: String, curl: String?) throws {
        if let curl {
            let pairing = try Pairing(rounds: rounds, warmUp: false) {
                try time(.infrafs, line)
            } against: {
                try Command.time(curl, in: "/")
            }
            report.compare(what, with: "`curl`", pairing, goal: .atMost(1 / 0.9))
        }
        for other in Client.others where other.isThere {
            let pairing = try Pairing(rounds: rounds, warmUp: false) {
                try time(.infrafs, line)
            } against: {
                try time(other, line)
            }
            report.speedUp(what, over: "`\(other)`", pairing, goal: curl == nil ? nil : .atLeast(1))
        }
    }

    private func time(_ client: Client, _ line: String) throws -> Double {
        let mounted = try store.mount(client, in: workshop)
        defer { try? mounted.unmount() }
        return try Command.time(line, in: store.bucket(client, mounted))
    }

    /// Commands side by side; fails where one of them does.
    private static func together(_ lines: [String]) -> String {
        let started = lines.map { "\($0) & all=\"$all $!\"; " }.joined()
        return "all=; \(started)for one in $all; do wait $one || exit 1; done"
    }
}

/// What shows buckets as files.
enum Client: String, CaseIterable, CustomStringConvertible {
    case infrafs
    case rclone = "rclone mount"
    case s3fs

    static let others: [Client] = [.rclone, .s3fs]

    var description: String { rawValue }

    /// Whether the program is there.
    var isThere: Bool {
        switch self {
        case .infrafs: true
        case .rclone: Command.exists("rclone")
        case .s3fs: Command.exists("s3fs")
        }
    }
}

/// An S3 server that the benchmark may fill, as `Tests/s3/store env` names it.
struct Store {
    private let endpoint: String
    private let key: String
    private let secret: String
    private let python: String
    private let name = "infrafs-benchmark"

    /// nil where the environment names none.
    init?(environment: [String: String]) {
        guard let endpoint = environment["INFRAFS_TEST_S3"], let key = environment["INFRAFS_TEST_S3_KEY"],
            let secret = environment["INFRAFS_TEST_S3_SECRET"], let python = environment["INFRAFS_TEST_S3_PYTHON"]
        else { return nil }
        (self.endpoint, self.key, self.secret, self.python) = (endpoint, key, secret, python)
    }

    /// Makes what is read: an object of that many MiB, four of a quarter, 1,000 of 4 KiB, 10,000 keys in directories.
    func prepare(in workshop: Workshop, size: Int) throws {
        let folder = try workshop.directory("files")
        let input = "\(workshop.path)/input"
        try Command.run(["/bin/sh", "-c", "head -c \(size << 20) /dev/urandom > '\(input)'"])
        for index in 0..<1000 {
            try Data((0..<4096).map { _ in UInt8.random(in: 0...255) }).write(
                to: URL(filePath: "\(folder)/\(index)"))
        }
        _ = try witness(
            """
            import concurrent.futures, glob
            s3.create_bucket(Bucket=b)
            s3.upload_file("\(input)", b, "large")
            with open("\(input)", "rb") as f:
                for i in range(4): s3.put_object(Bucket=b, Key=f"part{i}", Body=f.read(\(size << 18)))
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                list(pool.map(lambda i: s3.upload_file(f"\(folder)/{i}", b, f"files/{i}"), range(1000)))
                list(pool.map(lambda i: s3.put_object(Bucket=b, Key=f"many/{i % 10}/{i}", Body=b"x"), range(10000)))
            """)
    }

    /// An address for curl, good for a day.
    func url(_ method: String, _ key: String) throws -> String {
        try witness(
            "print(s3.generate_presigned_url('\(method)_object', Params=dict(Bucket=b, Key='\(key)'), ExpiresIn=86400))"
        )
    }

    /// A new mount by one of the programs.
    func mount(_ client: Client, in workshop: Workshop) throws -> Mounted {
        switch client {
        case .infrafs:
            let text = """
                providers:
                  store: {type: aws, region: us-east-1, endpoint_url: "\(endpoint)", access_key_id: "\(key)",
                    access_key_secret: "\(secret)"}

                """
            return try workshop.mount(text)
        case .rclone:
            let point = try workshop.directory("rclone")
            return try Mounted(
                ["env", "-u", "AWS_CA_BUNDLE", "rclone", "mount", "store:\(name)", point], at: point,
                answering: "\(point)/large", state: workshop.path,
                environment: [
                    "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_STORE_TYPE": "s3",
                    "RCLONE_CONFIG_STORE_PROVIDER": "Other", "RCLONE_CONFIG_STORE_ENDPOINT": endpoint,
                    "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": key, "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": secret,
                ])
        case .s3fs:
            let point = try workshop.directory("s3fs")
            return try Mounted(
                ["s3fs", name, point, "-f", "-o", "url=\(endpoint),use_path_request_style"], at: point,
                answering: "\(point)/large", state: workshop.path,
                environment: ["AWSACCESSKEYID": key, "AWSSECRETACCESSKEY": secret])
        }
    }

    /// Where a program shows the bucket.
    func bucket(_ client: Client, _ mounted: Mounted) -> String {
        client == .infrafs ? "\(mounted.path)/store/buckets/\(name)" : mounted.path
    }

    /// What lines of Python print, with boto3's client `s3` and the bucket's name `b`.
    private func witness(_ lines: String) throws -> String {
        let file = "\(NSTemporaryDirectory())/infrafs-benchmark.\(getpid()).py"
        defer { unlink(file) }
        let text = """
            import os, boto3, botocore.config
            s3 = boto3.client("s3", endpoint_url=os.environ["INFRAFS_TEST_S3"], region_name="us-east-1",
                aws_access_key_id=os.environ["INFRAFS_TEST_S3_KEY"],
                aws_secret_access_key=os.environ["INFRAFS_TEST_S3_SECRET"],
                config=botocore.config.Config(signature_version="s3v4"))
            b = "\(name)"
            \(lines)

            """
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return try Command.output("'\(python)' '\(file)'")
    }
}
