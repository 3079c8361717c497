import Synchronization
import Tree

extension InodeTable {
    /// What an opening has to tell the kernel.
    struct Opening: Equatable {
        /// It is served to this opening only.
        var isApart = false
        /// The pages that the kernel holds are of this content.
        var keepsPages: Bool
        /// The attributes that the kernel holds are not of this content.
        var hasOldAttributes: Bool

        static let apart = Opening(isApart: true, keepsPages: false, hasOldAttributes: true)
    }

    /// Opens a file for reading.
    ///
    /// All cached openings of a file share one size and one set of pages, so while its content changes under them, a
    /// reader between two reads would get a part of each. Content that has just changed is therefore served to each
    /// opening apart, for the same number of round trips; once it has settled, and nobody reads what was before, it is
    /// served to all through the cache.
    func open(_ id: UInt64, _ content: Content) -> Opening {
        let (version, stamp, now) = (content.version, content.status.stamp, ContinuousClock.now)
        return state.withLock { state in
            guard let slot = state.slot(id), let record = state.slots[slot] else { return .apart }
            let isSettled = state.isSettled(id, version, pages: record.pages, now)
            let openings = state.served[id]?.openings ?? 0
            guard isSettled, openings == 0 || record.pages == version else {
                state.slots[slot]?.stamp = record.stamp == stamp ? stamp : 0
                return Opening(isApart: true, keepsPages: false, hasOldAttributes: record.stamp != stamp)
            }
            state.served[id] = Served(content: content, openings: openings + 1, lastOpened: now)
            state.slots[slot]?.pages = version
            return Opening(keepsPages: record.pages == version, hasOldAttributes: record.stamp != stamp)
        }
    }

    /// Serves newer content to those who have the file open.
    ///
    /// - Returns: whether the kernel must be told to drop its pages, as the attributes do not show the change.
    func refresh(_ id: UInt64, _ content: Content) -> Bool {
        let (version, stamp) = (content.version, content.status.stamp)
        return state.withLock { state in
            guard let served = state.served[id], let slot = state.slot(id), let record = state.slots[slot] else {
                return false
            }
            guard record.pages != version else { return false }
            state.served[id]?.content = content
            state.slots[slot]?.pages = version
            state.changed[id] = Changed(version: version, since: .now)
            return served.content.status.stamp == stamp
        }
    }

    /// The status of the content that is being served to somebody who has only just opened the file, and reads it from
    /// end to end as most do: what changes before the last read comes with the next opening.
    func statusBeingRead(_ id: UInt64) -> NodeStatus? {
        state.withLock { state in
            guard let served = state.served[id], ContinuousClock.now - served.lastOpened < Self.timeOfOneReading else {
                return nil
            }
            return served.content.status
        }
    }

    /// Long enough for a whole reading of a state file, too short to keep a reader that follows the file waiting.
    private static let timeOfOneReading = Duration.milliseconds(50)

    /// Whether somebody has the file open for cached reading.
    func isServing(_ id: UInt64) -> Bool {
        state.withLock { $0.served[id] != nil }
    }

    /// What is being served of a file.
    func content(_ id: UInt64) -> [UInt8]? {
        state.withLock { $0.served[id]?.content.bytes }
    }

    /// Ends one opening for cached reading.
    func close(_ id: UInt64) {
        state.withLock { state in
            guard let openings = state.served[id]?.openings else { return }
            if openings > 1 {
                state.served[id]?.openings = openings - 1
            } else {
                state.served[id] = nil
            }
        }
    }
}

extension InodeTable.State {
    /// Whether content has been the same for long enough to be cached; content that is seen first has.
    fileprivate mutating func isSettled(
        _ id: UInt64, _ version: UInt64, pages: UInt64, _ now: ContinuousClock.Instant
    ) -> Bool {
        let known = changed[id]?.version ?? pages
        guard known == version || known == 0 else {
            changed[id] = .init(version: version, since: now)
            return false
        }
        guard let since = changed[id]?.since else { return true }
        guard now - since >= .seconds(1) else { return false }
        if pages == version { changed[id] = nil }
        return true
    }
}
