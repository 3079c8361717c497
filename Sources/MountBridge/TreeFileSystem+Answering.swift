import FUSEKit
import Inventory
import Logging
import ProviderAPI
import Tree

extension TreeFileSystem {
    /// Answers a request with what `body` gives: at once on this thread if it is there, else from a task.
    ///
    /// A task that takes too long is answered for with ETIMEDOUT, and one whose caller gets a signal that asks for it
    /// (``PendingSignals``) with EINTR, whether or not it ends: a process that waits cannot even be killed.
    /// - Parameters:
    ///   - patience: how long an answer may take; nil: for ever.
    ///   - unwanted: gets what came after the request was given up.
    func answer<Value: Sendable>(
        _ request: consuming Request, _ attempt: Attempt, patience: Duration?,
        _ body: () throws(ProviderError) -> Answer<Value>,
        unwanted: @escaping @Sendable (Value) -> Void = { _ in },
        reply: @escaping @Sendable (consuming Request, Value) -> Void
    ) {
        let began = ContinuousClock.now
        switch Result(catching: body) {
        case .failure(let error): fail(request, error, attempt)
        case .success(.now(let value)): reply(request, value)
        case .success(.later(let work)):
            invalidator.hold(attempt.directories)
            return request.later { request in
                let patience = attempt.isOwn ? Touching.patience : patience
                await self.wait(PendingRequest(request), attempt, patience, work, unwanted, reply)
                self.invalidator.release(attempt.directories)
                self.counts.note(attempt.operation, took: ContinuousClock.now - began)
            }
        }
        counts.note(attempt.operation, took: ContinuousClock.now - began)
    }

    /// The same within the deadline of the mount.
    func answer<Value: Sendable>(
        _ request: consuming Request, _ attempt: Attempt, _ body: () throws(ProviderError) -> Answer<Value>,
        reply: @escaping @Sendable (consuming Request, Value) -> Void
    ) {
        answer(request, attempt, patience: options.deadline, body, reply: reply)
    }

    private func wait<Value: Sendable>(
        _ pending: PendingRequest, _ attempt: Attempt, _ patience: Duration?,
        _ work: @escaping @Sendable () async throws(ProviderError) -> Value,
        _ unwanted: @escaping @Sendable (Value) -> Void,
        _ reply: @escaping @Sendable (consuming Request, Value) -> Void
    ) async {
        let answering = Task {
            do throws(ProviderError) {
                let value = try await work()
                guard let request = pending.take() else { return unwanted(value) }
                reply(request, value)
            } catch {
                self.giveUp(pending, error, attempt)
            }
        }
        let deadline = patience.map { patience in
            Deadlines.shared.set(patience) {
                self.giveUp(pending, ProviderError(.timedOut, "no answer within \(patience)"), attempt)
                answering.cancel()
            }
        }
        await withTaskCancellationHandler {
            await answering.value
        } onCancel: {
            Task {
                guard await self.isToGiveUp(pending, attempt) else { return }
                answering.cancel()
                self.giveUp(pending, ProviderError(.cancelled, "interrupted"), attempt)
            }
        }
        if let deadline { Deadlines.shared.cancel(deadline) }
    }

    /// How long an interrupted request may still be answered with what it came to: what is about to end may end.
    private static var interruptGrace: Duration { .milliseconds(300) }
    /// FUSE tells of the first signal only, so those after it are looked for.
    private static var signalInterval: Duration { .milliseconds(100) }

    /// Waits until a signal comes to the caller that is a reason to give up; false where the request is answered before.
    private func isToGiveUp(_ pending: PendingRequest, _ attempt: Attempt) async -> Bool {
        while pending.isOpen {
            // Where they cannot be seen, any is a reason.
            guard let signals = PendingSignals(of: attempt.caller.pid), !signals.areUrgent else {
                try? await Task.sleep(for: Self.interruptGrace)
                return pending.isOpen
            }
            try? await Task.sleep(for: Self.signalInterval)
        }
        return false
    }

    private func giveUp(_ pending: PendingRequest, _ error: ProviderError, _ attempt: Attempt) {
        guard let request = pending.take() else { return }
        fail(request, error, attempt)
    }

    // MARK: Failures

    /// The one door for failures: chooses the errno, notes the words where people look for them, and logs.
    ///
    /// The note is made before the answer, so that whoever sees the errno finds the reason.
    func fail(_ request: consuming Request, _ error: ProviderError, _ attempt: Attempt) {
        // A name that the kernel has leads nowhere any more: told so, it looks it up once more, and goes on from there.
        if attempt.operation == .open, error.code == .notFound, inodes.node(attempt.id)?.isBulk == true {
            return request.fail(ErrorNumber(.replaced).errno)
        }
        let number = ErrorNumber(error.code, of: attempt.operation)
        guard attempt.isReported(error.code) else { return request.fail(number.errno) }
        let path = path(of: attempt)
        let isNew = tree.record(
            error, errno: number.name, operation: "\(attempt.operation)", path: path,
            isLook: attempt.operation.isLook)
        request.fail(number.errno)
        if isNew { log(error, number, attempt, path) }
    }

    private func path(of attempt: Attempt) -> String {
        let path = inodes.node(attempt.id)?.path ?? "inode \(attempt.id)"
        guard let name = attempt.name else { return path }
        return path.isEmpty || path == "/" ? path + name : "\(path)/\(name)"
    }

    private func log(_ error: ProviderError, _ number: ErrorNumber, _ attempt: Attempt, _ path: String) {
        logger.log(
            level: Self.level(of: error.code), "request failed",
            metadata: [
                "operation": "\(attempt.operation)", "path": "\(loggedPath(path))", "inode": "\(attempt.id)",
                "errno": "\(number.name)", "reason": "\(error)", "uid": "\(attempt.caller.uid)",
                "pid": "\(attempt.caller.pid)",
            ])
    }

    /// What the operator has to look after is a warning; what the caller was told and can mend is information.
    private static func level(of code: ProviderError.Code) -> Logger.Level {
        switch code {
        case .credentialsMissing, .credentialsExpired, .credentialsRejected, .throttled, .timedOut, .unreachable,
            .malformedReply, .failed:
            .warning
        default: .info
        }
    }
}
