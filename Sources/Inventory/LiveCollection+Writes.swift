import Logging
public import ProviderAPI
import Synchronization

extension LiveCollection {
    /// How long a write waits for the platform to finish before its operation, once accepted, becomes a job.
    static var patience: Duration { .seconds(3) }
    /// How old a fact may be for a write of the same value to be taken as done.
    static var certainty: Duration { .seconds(1) }

    /// Carries out a change, unless the item already is as asked. Writes of one resource go one after the other.
    ///
    /// Throws what the policy forbids and what the platform says; `timedOut` past the deadline.
    public func apply(
        to id: Item.ID, _ request: AuditTrail.Request,
        _ change: @escaping @Sendable (Item) throws(ProviderError) -> Item.Change?
    ) async throws(ProviderError) {
        let began = ContinuousClock.now
        try await inTurn(id.rawValue) { () async throws(ProviderError) in
            let item = try await self.certain(id, since: began)
            guard let change = try change(item), !self.isUnderWay(change, on: id) else { return }
            let affected = item.affected(by: change)
            try await self.owned(change.operation, item.name, id, affected, request) {
                () async throws(ProviderError) in
                try await self.carryOut(change, on: id, item)
            }
        }
    }

    /// Whether the item is certain to be as asked, and no write of it is under way: what a change comes to that needs
    /// nobody to be asked. What cannot be told so is for ``apply(to:_:_:)`` to find out.
    public func isAsAsked(_ id: Item.ID, _ change: (Item) throws(ProviderError) -> Item.Change?) -> Bool {
        guard writers.isIdle(id.rawValue), let item = certain(id) else { return false }
        do throws(ProviderError) {
            return try change(item) == nil
        } catch {
            return false
        }
    }

    /// Creates a resource.
    ///
    /// Throws what the policy forbids and what the platform says; `timedOut` past the deadline.
    public func create(_ specification: Specification, _ request: AuditTrail.Request) async throws(ProviderError) {
        guard let operation = Item.kind.creation, service.operations.contains(operation) else {
            throw ProviderError(.unsupported, "this provider cannot create a \(Item.kind.singular)")
        }
        let service = service
        let installed = Promise<Void>()
        try await inTurn("create/" + specification.name) { () async throws(ProviderError) in
            try await self.owned(operation, specification.name, nil, [], request) { () async throws(ProviderError) in
                try await self.owner.perform(operation, self.target(specification.name)) { job throws(ProviderError) in
                    let marks = self.state.withLock { $0.marks }
                    let item = try await retryingWhileThrottled(for: self.owner.throttlePatience) {
                        () async throws(ProviderError) -> Item in
                        try await service.create(specification, job)
                    }
                    self.install(written: item, item.id, since: marks, detail: "created", isNew: true)
                    installed.fulfil(.success(()))
                    self.owner.touch(operation)
                }
            }
        }
        // Accepted, and still under way: a listing from before, however young, does not have it.
        if !installed.isFulfilled { markAllStale(detail: "") }
    }

    /// Deletes a resource, with `before` carried out first (a power off, the removal of snapshots).
    ///
    /// Throws what the policy forbids and what the platform says; `timedOut` past the deadline.
    public func delete(
        _ id: Item.ID, _ request: AuditTrail.Request, before: [Item.Change] = []
    ) async throws(ProviderError) {
        guard let operation = Item.kind.deletion, service.operations.contains(operation) else {
            throw ProviderError(.unsupported, "this provider cannot delete a \(Item.kind.singular)")
        }
        let service = service
        try await inTurn(id.rawValue) { () async throws(ProviderError) in
            guard let item = self.known(id)?.item else { throw self.gone(id) }
            let affected = item.affected(by: nil)
            try await self.owned(operation, item.name, id, affected, request) { () async throws(ProviderError) in
                for change in before { try await self.carryOut(change, on: id, item) }
                try await self.owner.perform(operation, self.target(item.name)) { job throws(ProviderError) in
                    let marks = self.state.withLock { $0.marks }
                    try await retryingWhileThrottled(for: self.owner.throttlePatience) {
                        () async throws(ProviderError) in
                        try await service.delete(id, job)
                    }
                    self.install(written: nil, id, since: marks, detail: "deleted")
                    self.owner.touch(operation)
                }
            }
        }
    }

    /// Runs what writes one resource when those before it are done. As long as it waits nothing was sent, so that it can
    /// be given up; and it waits no longer than a call may take, however many are before it.
    private func inTurn(
        _ key: String, _ body: @Sendable () async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        let what = "\(owner.name): the changes of \(target(key)) before this one"
        try await writers.run(key, within: owner.policy.timeout, waitingFor: what, body)
    }

    private func carryOut(_ change: Item.Change, on id: Item.ID, _ item: Item) async throws(ProviderError) {
        guard service.operations.contains(change.operation) else { throw .unsupported(change.operation) }
        let service = service
        do throws(ProviderError) {
            try await owner.perform(change.operation, target(item.name)) { job throws(ProviderError) in
                self.state.withLock { $0.underWay[id, default: []].append(change) }
                defer { self.state.withLock { $0.end(change, of: id) } }
                let marks = self.state.withLock { $0.marks }
                let item = try await retryingWhileThrottled(for: self.owner.throttlePatience) {
                    () async throws(ProviderError) -> Item in
                    try await service.apply(change, to: id, job)
                }
                self.install(written: item, id, since: marks, detail: "")
                self.owner.touch(change.operation)
            }
        } catch {
            // Whether it took effect is not known after a failure: the next read asks.
            markStale(id: id.rawValue, .none)
            throw error
        }
    }

    /// Whether a size that is asked for is one that the platform has accepted and is about to give: to ask for it twice is to
    /// ask for it once.
    private func isUnderWay(_ change: Item.Change, on id: Item.ID) -> Bool {
        guard [.updateMemory, .updateCPUs, .updateFlavor, .growVMDisk, .growDisk].contains(change.operation) else {
            return false
        }
        return state.withLock { $0.underWay[id]?.contains(change) ?? false }
    }

    /// The item as it is known, where that is whole and young enough to tell that a write changes nothing.
    private func certain(_ id: Item.ID) -> Item? {
        let now = owner.time.uptime()
        return state.withLock { state in
            guard let record = state.records[id], record.item.isComplete else { return nil }
            guard state.allStale == nil, state.stale[id] == nil else { return nil }
            let age =
                isWhollyTold ? now - (state.loaded ?? .zero) - Self.eventLifetime : now - record.read - Self.certainty
            return age <= .zero ? record.item : nil
        }
    }

    /// The same, read by itself where it is not known so: a listing that hangs holds up no write. The wait for the turn of
    /// the write counts to its deadline.
    private func certain(
        _ id: Item.ID, since began: ContinuousClock.Instant
    ) async throws(ProviderError) -> Item {
        if let known = certain(id) { return known }
        let timeout = owner.policy.timeout
        let rest = max(.milliseconds(1), timeout - (ContinuousClock.now - began))
        let what = "\(owner.name): read \(target(id.rawValue))"
        try await withDeadline(rest, what, of: timeout) { () async throws(ProviderError) in
            try await self.complete([id])
        }
        guard let item = self.known(id)?.item else { throw gone(id) }
        return item
    }

    /// Runs what the policy permits, and notes it in the audit trail.
    private func owned(
        _ operation: Operation, _ name: String, _ id: Item.ID?, _ affected: [AffectedResource],
        _ request: AuditTrail.Request, _ body: @Sendable () async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        do throws(ProviderError) {
            try owner.policy.permit(Item.kind, name, listedAs: id.flatMap { known($0)?.entryName })
            try await owner.permit(affected)
            try await body()
            owner.audit.note(request, operation: operation, error: nil)
        } catch {
            owner.audit.note(request, operation: operation, error: error)
            throw error
        }
    }

    private func target(_ name: String) -> String { "\(Item.kind.rawValue)/\(name)" }
}

extension LiveCollection.State {
    fileprivate mutating func end(_ change: Item.Change, of id: Item.ID) {
        guard var changes = underWay[id], let place = changes.firstIndex(of: change) else { return }
        changes.remove(at: place)
        underWay[id] = changes.isEmpty ? nil : changes
    }
}

extension Operation {
    /// The other collections in which a change shows as well.
    fileprivate var shownIn: Set<Kind> {
        switch self {
        case .createVM, .deleteVM: [.networks, .disks, .dns]
        case .cloneVM: [.vms, .networks, .disks]
        case .exportVM: [.images]
        case .revertSnapshot: [.disks]
        case .addNIC, .deleteNIC, .updateNIC, .configureNIC, .reserveAddress: [.networks]
        case .renameVM: [.networks, .disks]
        case .addDisk, .deleteVMDisk, .attachDisk, .detachDisk, .growVMDisk, .createSnapshot, .deleteSnapshot: [.disks]
        case .createNetwork, .deleteNetwork, .updateNetwork: [.dns]
        case .serviceNetwork: [.dns, .vms]
        case .renameNetwork: [.vms, .subnets, .securityGroups, .dns]
        default: []
        }
    }
}

extension LiveProvider {
    /// What was written through one collection is asked for again in the others that show it, where nothing tells of it.
    fileprivate func touch(_ operation: Operation) {
        for kind in operation.shownIn {
            for member in members(of: kind) where !member.isWhollyTold { member.markAllStale(detail: "") }
        }
    }
}

extension Kind {
    /// The operation that makes one.
    public var creation: Operation? {
        switch self {
        case .vms: .createVM
        case .disks: .createDisk
        case .pools: .createPool
        case .networks: .createNetwork
        case .subnets: .createSubnet
        case .images: .createImage
        case .isos: .createISO
        case .flavors: nil
        case .buckets: .createBucket
        case .securityGroups: .createSecurityGroup
        case .dns: .createDNSZone
        }
    }

    /// The operation that deletes one.
    public var deletion: Operation? {
        switch self {
        case .vms: .deleteVM
        case .disks: .deleteDisk
        case .pools: .deletePool
        case .networks: .deleteNetwork
        case .subnets: .deleteSubnet
        case .images: .deleteImage
        case .isos: .deleteISO
        case .flavors: nil
        case .buckets: .deleteBucket
        case .securityGroups: .deleteSecurityGroup
        case .dns: .deleteDNSZone
        }
    }
}

extension LiveProvider {
    /// Runs an operation that may be long. Returns when it has ended, or when it was accepted and has had its time: then
    /// it goes on as a job.
    func perform(
        _ operation: Operation, _ target: String,
        _ body: @escaping @Sendable (any JobReporter) async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        let id = jobs.begin(operation, target: target)
        let ended = Promise<Void>()
        let accepted = Promise<Void>()
        let reporter = Reporter(jobs: jobs, id: id, taken: accepted)
        let work = Task {
            do throws(ProviderError) {
                try await statistics.measure(operation.rawValue) { () async throws(ProviderError) in
                    try await body(reporter)
                }
                jobs.end(id, nil)
                ended.fulfil(.success(()))
            } catch {
                let wasListed = jobs[id] != nil
                jobs.end(id, error)
                if wasListed { noteFailure(of: operation, target, error) }
                ended.fulfil(.failure(error))
            }
        }
        jobs.onCancel(id) { work.cancel() }
        do throws(ProviderError) {
            try await follow(id, ended: ended, accepted: accepted, what: "\(operation.rawValue) \(target)")
        } catch {
            if ended.isFulfilled { throw error }
            // What the platform has accepted goes on there, whoever still waits for it; its job says how it ends.
            if error.code == .cancelled, accepted.isFulfilled, jobs.list(id) {
                throw ProviderError(.cancelled, "interrupted; what was begun goes on as jobs/\(id)")
            }
            work.cancel()
            throw error
        }
    }

    private func follow(
        _ id: Int, ended: Promise<Void>, accepted: Promise<Void>, what: String
    ) async throws(ProviderError) {
        let patience = LiveCollection<VirtualMachine>.patience
        do throws(ProviderError) {
            return try await withDeadline(min(patience, policy.timeout), what) { () async throws(ProviderError) in
                try await ended.value()
            }
        } catch {
            guard error.code == .timedOut else { throw error }
            if ended.isFulfilled { return try await ended.value() }
            // Not done yet: wait for what comes first, its end or its acceptance.
        }
        let either = Promise<Bool>()
        let first = Task { either.fulfil(await result { () async throws(ProviderError) in try await ended.value() }) }
        let second = Task {
            either.fulfil(await result { () async throws(ProviderError) in try await accepted.value() })
        }
        defer {
            first.cancel()
            second.cancel()
        }
        let rest = max(.milliseconds(1), policy.timeout - patience)
        _ = try await withDeadline(rest, "\(name): \(what)", of: policy.timeout) { () async throws(ProviderError) in
            try await either.value()
        }
        // It may have ended, and failed, after it was accepted and before its caller left.
        if ended.isFulfilled || !jobs.list(id) { try await ended.value() }
    }

    private func result(_ body: () async throws(ProviderError) -> Void) async -> Result<Bool, ProviderError> {
        do throws(ProviderError) {
            try await body()
            return .success(true)
        } catch {
            return .failure(error)
        }
    }

    private func noteFailure(of operation: Operation, _ target: String, _ error: ProviderError) {
        logger.error(
            "job failed",
            metadata: ["provider": "\(name)", "operation": "\(operation.rawValue)", "reason": "\(error)"])
        failures.note(
            operation: operation.rawValue, path: "\(name)/\(target)", errno: error.code.rawValue,
            reason: error.description)
    }
}

private struct Reporter: JobReporter {
    let jobs: JobTable
    let id: Int
    let taken: Promise<Void>

    func accepted() { taken.fulfil(.success(())) }

    func progress(_ percent: Int) { jobs.progress(id, percent) }
}
