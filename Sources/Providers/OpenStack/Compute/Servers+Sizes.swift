import HTTPKit
import ProviderAPI

extension Cloud {
    func flavors() async throws(ProviderError) -> [FlavorPayload] {
        try await list(FlavorPayload.self, "flavors", .compute, "flavors/detail", to: "list flavors")
            .compactMap(\.payload)
    }

    /// A flavor by its name or its id.
    func flavor(named text: String) async throws(ProviderError) -> FlavorPayload {
        let flavors = try await flavors()
        guard let flavor = flavors.first(where: { $0.name == text }) ?? flavors.first(where: { $0.id == text }) else {
            throw ProviderError(.invalidValue, "flavor: \(name) has none called \(text): see flavors/")
        }
        return flavor
    }

    /// The smallest flavor with at least that much.
    func flavor(memory: Int, cpus: Int, disk: Int) async throws(ProviderError) -> FlavorPayload {
        let fitting = try await flavors().filter { $0.ram >= memory && $0.vcpus >= cpus && $0.disk >= disk }
        guard let flavor = fitting.min(by: { ($0.ram, $0.vcpus, $0.disk) < ($1.ram, $1.vcpus, $1.disk) }) else {
            throw ProviderError(
                .invalidValue, "flavor: \(name) has none with \(memory) MiB of memory and \(cpus) cpus: see flavors/")
        }
        return flavor
    }
}

extension Servers {
    /// The flavor that differs in that one number alone: what is written is what is read afterwards.
    func resize(
        _ server: ServerPayload, memory: Int? = nil, cpus: Int? = nil, _ job: any JobReporter
    ) async throws(ProviderError) {
        let (ram, count) = (memory ?? server.flavor?.ram ?? 0, cpus ?? server.flavor?.vcpus ?? 0)
        let all = try await cloud.flavors()
        let exact = all.filter { $0.ram == ram && $0.vcpus == count }
        let disk = server.flavor?.disk ?? 0
        guard let flavor = exact.min(by: { (abs($0.disk - disk), $0.name) < (abs($1.disk - disk), $1.name) }) else {
            let near = all.filter { memory == nil ? $0.ram == ram : $0.vcpus == count }.map(\.name).sorted()
            let words = near.isEmpty ? "see flavors/" : "of the like there are \(near.joined(separator: ", "))"
            throw ProviderError(
                .invalidValue, "there is no flavor with \(ram) MiB and \(count) cpus: write one to flavor; \(words)")
        }
        try await resize(server, to: flavor, job)
    }

    /// Resizes, and confirms once the server is there in its new size. A failure leaves it in the old one.
    func resize(_ server: ServerPayload, to flavor: FlavorPayload, _ job: any JobReporter) async throws(ProviderError) {
        guard server.status == "ACTIVE" || server.status == "SHUTOFF" else {
            throw ProviderError(.busy, "\(server.name) is \(server.status): it can be resized while it is up or down")
        }
        let response = try await act(server, ["resize": ["flavorRef": .text(flavor.id)]], to: "resize")
        job.accepted()
        // Its disk may have to be copied to another host.
        let outcome = try await cloud.settle("\(server.name) to have its new size", within: Cloud.copyingTime) {
            () async throws(ProviderError) -> Resize? in
            let now = try await self.existing(server.id)
            switch now.status {
            case "VERIFY_RESIZE": return .toConfirm
            case "ERROR":
                throw ProviderError(
                    .failed, "\(server.name) could not be resized and is in error", cause: now.fault?.message)
            case "ACTIVE", "SHUTOFF": return now.task == nil ? (now.isOf(flavor) ? .confirmed : .refused) : nil
            default: return nil
            }
        }
        switch outcome {
        case .confirmed: break
        case .refused:
            var reason = await cloud.computeReason(server.id, request: response.headers.requestID)
            if reason == nil { reason = try await lastFault(of: server, "resize") }
            throw ProviderError(.failed, "\(server.name) could not be resized and is as it was", cause: reason)
        case .toConfirm:
            job.progress(80)
            try await confirmResize(of: server, to: flavor)
        }
    }

    private enum Resize {
        /// The cloud waits for a word.
        case toConfirm
        /// The cloud has confirmed it by itself (`resize_confirm_window`).
        case confirmed
        /// It is as it was.
        case refused
    }

    private func confirmResize(of server: ServerPayload, to flavor: FlavorPayload) async throws(ProviderError) {
        do throws(ProviderError) {
            try await act(server, ["confirmResize": .null], to: "confirm the size of")
        } catch {
            // The cloud may have been faster.
            let now = try await existing(server.id)
            guard now.status != "VERIFY_RESIZE", now.isOf(flavor) else { throw error }
        }
        try await settle("\(server.name) to be ready") { () async throws(ProviderError) -> Bool? in
            let now = try await self.existing(server.id)
            return now.task == nil && now.status != "VERIFY_RESIZE" ? true : nil
        }
    }

    private struct Action: Decodable, Sendable {
        var action: String
        var message: String?
    }

    /// What Compute notes about the last action of that kind.
    private func lastFault(of server: ServerPayload, _ action: String) async throws(ProviderError) -> String? {
        let what = "list the actions of \(server.name)"
        let actions = try await cloud.document(
            [Action].self, "instanceActions", .compute, "servers/\(server.id)/os-instance-actions", to: what)
        return actions.first { $0.action == action }?.message
    }
}

extension ServerPayload {
    fileprivate func isOf(_ flavor: FlavorPayload) -> Bool {
        self.flavor?.name.map { $0 == flavor.name } ?? (self.flavor?.id == flavor.id)
    }
}
