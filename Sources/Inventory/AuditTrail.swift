public import ProviderAPI

/// Every change made through the mount, one JSON line each.
public final class AuditTrail: Sendable {
    /// Who asked for a change and what for.
    public struct Request: Sendable {
        /// User id of the process.
        public var uid: UInt32
        /// Process id.
        public var pid: Int32
        /// The process's name, where it can be read.
        public var command: String
        /// Below the mount point.
        public var path: String
        /// What was there, for an attribute.
        public var old: Value
        /// What was asked for; never a secret.
        public var new: Value

        /// A request.
        public init(uid: UInt32, pid: Int32, command: String, path: String, old: Value = .none, new: Value = .none) {
            self.uid = uid
            self.pid = pid
            self.command = command
            self.path = path
            self.old = old
            self.new = new
        }
    }

    /// The lines.
    public let journal: Journal
    private let time: TimeSource

    /// An empty trail.
    public init(time: TimeSource) {
        self.time = time
        journal = Journal(time: time)
    }

    /// Notes a change that was carried out, or refused.
    public func note(_ request: Request, operation: Operation, error: ProviderError?) {
        journal.append(
            json(
                .map([
                    .init("time", .text(timestamp(time.wall()))),
                    .init("uid", .number(Int(request.uid))),
                    .init("pid", .number(Int(request.pid))),
                    .init("command", .text(request.command)),
                    .init("operation", .text(operation.rawValue)),
                    .init("path", .text(request.path)),
                    .init("old", request.old),
                    .init("new", request.new),
                    .init("result", .text(error == nil ? "ok" : error?.code.rawValue ?? "")),
                    .init("error", Value(error?.description)),
                ])))
    }
}
