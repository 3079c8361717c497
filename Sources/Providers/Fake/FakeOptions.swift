public import ProviderAPI

/// How a simulated cloud is made. Times are the cloud's own: a driven clock makes them pass at once.
public struct FakeOptions: Sendable, Hashable {
    /// How many machines the fleet begins with.
    public var vms = 12
    /// What all names, ids and contents derive from.
    public var seed: UInt64 = 1
    /// What every call takes.
    public var latency: Duration = .zero
    /// How long a machine is `starting`.
    public var bootTime: Duration = .milliseconds(1500)
    /// How long a machine is `stopping` after a soft shutdown.
    public var stopTime: Duration = .milliseconds(1000)
    /// How long after it is up a machine has its addresses.
    public var addressTime: Duration = .milliseconds(500)
    /// How long a job takes: an export, a full clone, a download.
    public var jobTime: Duration = .milliseconds(3000)
    /// Whether one machine's name has a slash, a space and letters outside ASCII; nil: in fleets of up to 1000.
    public var oddNames: Bool?
    /// How many machines the account may have; nil: twice the fleet, at least 1000.
    public var quota: Int?
    /// Bytes of written content, of volumes and objects together, that the cloud keeps.
    public var contentLimit = 256 << 20

    /// The defaults.
    public init() {}

    /// What a configuration says; `invalidValue` where it cannot be.
    public init(_ settings: ProviderSettings) throws(ProviderError) {
        func number(_ key: String, _ range: ClosedRange<Int>) throws(ProviderError) -> Int? {
            guard let number = settings.number(key) else { return nil }
            guard range.contains(number) else {
                throw ProviderError(
                    .invalidValue, "\(key): \(number) is not between \(range.lowerBound) and \(range.upperBound)")
            }
            return number
        }
        func time(_ key: String, _ standard: Duration) throws(ProviderError) -> Duration {
            try number(key, 0...3_600_000).map { .milliseconds($0) } ?? standard
        }
        vms = try number("vms", 0...1_000_000) ?? vms
        seed = UInt64(try number("seed", 0...Int.max) ?? 1)
        latency = try time("latency", latency)
        bootTime = try time("boot_time", bootTime)
        stopTime = try time("stop_time", stopTime)
        addressTime = try time("address_time", addressTime)
        jobTime = try time("job_time", jobTime)
        oddNames = settings.flag("odd_names")
        quota = try number("quota", 0...10_000_000)
        contentLimit = try number("content_limit", 0...65536).map { $0 << 20 } ?? contentLimit
    }

    static let declared = [
        ProviderOption("vms", .number, "how many machines the fleet begins with", standard: "12"),
        ProviderOption("seed", .number, "what names, ids and contents derive from", standard: "1"),
        ProviderOption("password", .secret, "taken and never used: to try how secrets are given"),
        ProviderOption("latency", .number, "milliseconds that every call takes", standard: "0"),
        ProviderOption("boot_time", .number, "milliseconds that a machine is starting", standard: "1500"),
        ProviderOption("stop_time", .number, "milliseconds that a machine is stopping", standard: "1000"),
        ProviderOption("address_time", .number, "milliseconds from up to an address", standard: "500"),
        ProviderOption("job_time", .number, "milliseconds of an export, a full clone, a download", standard: "3000"),
        ProviderOption(
            "odd_names", .flag, "one machine with a slash, a space and letters outside ASCII in its name",
            standard: "yes up to 1000 machines"),
        ProviderOption(
            "quota", .number, "how many machines the account may have", standard: "twice the fleet, at least 1000"),
        ProviderOption("content_limit", .number, "MiB of written content that it keeps", standard: "256"),
    ]

    var hasOddNames: Bool { oddNames ?? (vms <= 1000) }
    var vmQuota: Int { quota ?? max(1000, 2 * vms) }
}
