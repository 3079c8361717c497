import Inventory
import ProviderAPI
import Synchronization
import Tree

/// A directory that a process has open, with the listing that it reads.
final class OpenedDirectory: Sendable {
    private struct State {
        var reader: any DirectoryReader
        var hasBegun = false
    }

    private let node: any DirectoryNode
    private let state: Mutex<State>

    init(_ node: any DirectoryNode, _ reader: any DirectoryReader) {
        self.node = node
        state = Mutex(State(reader: reader))
    }

    /// Entries from a position on. A process that has read and comes back to the start (rewinddir(3)) gets a new
    /// listing.
    func entries(
        from position: Int, atStart: Bool, limit: Int, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<[DirectoryEntry]> {
        let current: (any DirectoryReader)? = state.withLock { state in
            defer { state.hasBegun = true }
            return atStart && state.hasBegun ? nil : state.reader
        }
        if let current { return try current.entries(from: position, limit: limit) }
        return try node.reader(for: caller).then { (reader) throws(ProviderError) in
            self.state.withLock { $0.reader = reader }
            return try reader.entries(from: position, limit: limit)
        }
    }
}
