import ProviderAPI
import XMLKit

extension PoolDefinition {
    /// What a pool's XML says of its source, in the words that a draft takes.
    static func source(of pool: XMLElement) -> Pool.Source {
        var source = Pool.Source()
        source.hosts = pool.all("source/host").compactMap { host in
            guard let name = host["name"] else { return nil }
            return host["port"].map { "\(name):\($0)" } ?? name
        }
        source.devices = pool.all("source/device").compactMap { $0["path"] }
        source.directory = pool.first("source/dir")?["path"]
        source.name = pool.text("source/name")
        source.format = pool.first("source/format")?["type"]
        if let adapter = pool.first("source/adapter") {
            let port = [adapter["wwnn"], adapter["wwpn"]].compactMap { $0 }
            source.adapter = adapter["name"] ?? (port.count == 2 ? port.joined(separator: ":") : nil)
        }
        source.initiator = pool.first("source/initiator/iqn")?["name"]
        source.username = pool.first("source/auth")?["username"]
        source.secret = pool.first("source/auth/secret")?["uuid"]
        return source
    }
}
