import Foundation

/// The servers of an OpenStack project, against one curl for the pages of the same listing, and against the platform's own
/// client.
struct Servers {
    let workshop: Workshop
    let rounds: Int
    let count: Int
    let project: CloudProject

    private static let prefix = "infrafs-benchmark-"
    /// Servers that are asked for in one request.
    private static let batch = 100

    func run(_ report: inout Report) throws {
        let compute = try project.address(of: "compute")
        let made = try prepare(compute)
        defer { try? delete(made) }
        let pages = try pages(compute)
        let title = "`cat vms/*/status`, \(grouped(try servers(pages).count)) servers, cold"
        let listing = project.curl(pages.map { "'\($0)'" }.joined(separator: " "))
        let pairing = try Pairing(rounds: rounds, warmUp: false) {
            let mounted = try project.mount()
            defer { try? mounted.unmount() }
            return try Command.time(Command.catEvery("status"), in: "\(mounted.path)/cloud/vms")
        } against: {
            try Command.time(listing, in: "/")
        }
        report.compare(title, with: "`curl` of \(pages.count) pages", pairing, goal: .atMost(1.2))
        // Both sign in: the mount is part of it.
        let client = try Pairing(rounds: min(rounds, 3), warmUp: false) {
            var mounted: Mounted?
            defer { try? mounted?.unmount() }
            return try seconds {
                let fresh = try project.mount()
                mounted = fresh
                _ = try Command.time(Command.catEvery("status"), in: "\(fresh.path)/cloud/vms")
            }
        } against: {
            try Command.time(project.openstack("server list"), in: "/")
        }
        report.speedUp("\(title), with the mount", over: "`openstack server list`", client)
    }

    // MARK: The listing

    private struct Page: Decodable {
        struct Server: Decodable {
            var id: String
            var name: String
        }

        struct Link: Decodable {
            var rel: String
            var href: String
        }

        var servers: [Server]
        // The API's own word.
        var servers_links: [Link]?
    }

    private func page(_ address: String) throws -> Page {
        try JSONDecoder().decode(Page.self, from: Data(try Command.output(project.curl("'\(address)'")).utf8))
    }

    /// The addresses of all pages, as long as the cloud makes them: infrafs asks for a thousand servers, too.
    private func pages(_ compute: String) throws -> [String] {
        var pages: [String] = []
        var next: String? = "\(compute)/servers/detail?limit=1000"
        while let address = next {
            let page = try page(address)
            if !page.servers.isEmpty { pages.append(address) }
            next = page.servers.isEmpty ? nil : page.servers_links?.first { $0.rel == "next" }?.href
        }
        return pages
    }

    private func servers(_ pages: [String]) throws -> [Page.Server] { try pages.flatMap { try page($0).servers } }

    private func own(_ compute: String) throws -> [String] {
        try servers(try pages(compute)).filter { $0.name.hasPrefix(Self.prefix) }.map(\.id)
    }

    // MARK: Servers

    /// Makes as many servers as are missing, without network; those that were there from a run before stay.
    private func prepare(_ compute: String) throws -> [String] {
        let before = Set(try own(compute))
        let image = try Command.output(project.openstack("image list --status active -f value -c ID | head -n 1"))
        let flavor = try Command.output(
            project.openstack("flavor list --sort-column RAM -f value -c ID | head -n 1"))
        var missing = count - before.count
        while missing > 0 {
            let batch = min(missing, Self.batch)
            try Command.run([
                "/bin/sh", "-c",
                project.openstack(
                    """
                    server create --image '\(image)' --flavor '\(flavor)' --nic none --min \(batch) --max \(batch) \
                    '\(Self.prefix)\(missing)' > /dev/null
                    """),
            ])
            missing -= batch
        }
        guard before.count < count else { return [] }
        // The listing of those that are being made is short.
        try wait(upTo: .seconds(3600), for: "\(count) servers") {
            sleep(2)
            return (try? page("\(compute)/servers?status=BUILD&limit=1"))?.servers.isEmpty == true
        }
        return try own(compute).filter { !before.contains($0) }
    }

    private func delete(_ ids: [String]) throws {
        let list = "\(workshop.path)/servers"
        try ids.map { "\($0)\n" }.joined().write(toFile: list, atomically: false, encoding: .utf8)
        try Command.run([
            "/bin/sh", "-c", "xargs -r -n \(Self.batch) \(project.openstack("server delete")) < '\(list)'",
        ])
    }
}
