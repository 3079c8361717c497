import Synchronization

/// The keys that signatures of one day are made with, which take four HMACs each: kept while they are used.
public final class SigningKeys: Sendable {
    /// What a key is derived from.
    struct Origin: Hashable, Sendable {
        let secret: String
        let date: String
        let region: String
        let service: String
    }

    private let known = Mutex<[Origin: [UInt8]]>([:])
    /// Secrets and days end, and regions are few.
    private static let limit = 32

    /// None known yet.
    public init() {}

    /// How many are kept.
    var count: Int { known.withLock { $0.count } }

    func key(_ origin: Origin, derive: (Origin) -> [UInt8]) -> [UInt8] {
        if let key = known.withLock({ $0[origin] }) { return key }
        let key = derive(origin)
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[origin] = key
        }
        return key
    }
}
