import Foundation

/// A project of an OpenStack cloud that the benchmark may fill, by the name that clouds.yaml has for the cloud. The
/// `openstack` command prepares and is a yardstick; `curl` is the other.
struct CloudProject {
    /// Its name in clouds.yaml.
    let cloud: String
    private let workshop: Workshop
    /// Holds the token of every curl, which no command line shows.
    private let headers: String

    /// Signs in.
    init(_ cloud: String, in workshop: Workshop) throws {
        self.cloud = cloud
        self.workshop = workshop
        let folder = try workshop.directory("cloud")
        headers = "\(folder)/headers"
        // The workshop is nobody else's to enter.
        let token = "\(folder)/token"
        try Command.run(["/bin/sh", "-c", "openstack --os-cloud '\(cloud)' token issue -f value -c id > '\(token)'"])
        let text = try String(contentsOfFile: token, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        try """
        X-Auth-Token: \(text)
        OpenStack-API-Version: compute 2.79

        """.write(toFile: headers, atomically: false, encoding: .utf8)
    }

    /// A line of shell(1) for the `openstack` command.
    func openstack(_ words: String) -> String {
        "openstack --os-cloud '\(cloud)' --os-compute-api-version 2.79 \(words)"
    }

    /// A line of shell(1) for curl with the token.
    func curl(_ words: String) -> String { "curl -sf -H '@\(headers)' \(words)" }

    /// The public address of a service, as the catalogue tells it.
    func address(of service: String) throws -> String {
        struct Service: Decodable {
            struct Endpoint: Decodable {
                var interface: String
                var url: String
            }

            var endpoints: [Endpoint]
        }
        let text = try Command.output(openstack("catalog show '\(service)' -f json"))
        let found = try JSONDecoder().decode(Service.self, from: Data(text.utf8))
        guard let endpoint = found.endpoints.first(where: { $0.interface == "public" }) else {
            throw BenchmarkError("\(cloud): no public address of \(service)")
        }
        return endpoint.url
    }

    /// A new mount, `cloud` in it connected.
    func mount() throws -> Mounted {
        let mounted = try workshop.mount("providers: {cloud: {type: openstack, cloud: \"\(cloud)\"}}\n")
        try wait(upTo: .seconds(30), for: "\(cloud)") {
            (try? String(contentsOfFile: "\(mounted.path)/cloud/status", encoding: .utf8)) == "up\n"
        }
        return mounted
    }
}
