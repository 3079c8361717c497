public import ProviderAPI

extension Flavor {
    /// The smallest of these with that memory (MiB) and as many processors: the least memory, then the fewest
    /// processors, then the first by name. nil where none is large enough.
    public static func smallest(of flavors: [Flavor], memory: Int, cpus: Int) -> Flavor? {
        flavors.lazy.filter { ($0.memory ?? 0) >= memory && ($0.cpus ?? 0) >= cpus }
            .min { left, right in
                (left.memory ?? 0, left.cpus ?? 0, left.name) < (right.memory ?? 0, right.cpus ?? 0, right.name)
            }
    }
}
