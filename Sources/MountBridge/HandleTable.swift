import ProviderAPI
import Synchronization
import Tree

/// What is open other than for cached reading, by the handles that the kernel was given. 0 is no handle.
final class HandleTable: Sendable {
    /// An open file.
    struct File: Sendable {
        /// What it reads and writes through.
        let file: any NodeFile
        /// Whether its reads must not wait.
        let isNonBlocking: Bool
    }

    private enum Slot {
        case free(next: Int)
        case file(File)
        case directory(OpenedDirectory)
    }

    private struct State {
        var slots: [Slot] = []
        var firstFree = -1
        var count = 0

        mutating func insert(_ slot: Slot) -> UInt64 {
            count += 1
            guard firstFree >= 0, case .free(let next) = slots[firstFree] else {
                slots.append(slot)
                return UInt64(slots.count)
            }
            defer { firstFree = next }
            slots[firstFree] = slot
            return UInt64(firstFree) + 1
        }

        mutating func remove(_ handle: UInt64) -> Slot? {
            guard let index = Self.index(handle, slots.count) else { return nil }
            let slot = slots[index]
            if case .free = slot { return nil }
            slots[index] = .free(next: firstFree)
            firstFree = index
            count -= 1
            return slot
        }

        func slot(_ handle: UInt64) -> Slot? {
            Self.index(handle, slots.count).map { slots[$0] }
        }

        private static func index(_ handle: UInt64, _ count: Int) -> Int? {
            handle > 0 && handle <= UInt64(count) ? Int(handle) - 1 : nil
        }
    }

    private let state = Mutex(State())

    /// So many may be open at once. What is read from the page cache needs none.
    static let limit = 16_384

    /// Refuses where there are as many as may be, before anything is opened. `tooManyOpen`.
    func makeSureOfRoom() throws(ProviderError) {
        guard count < Self.limit else {
            throw ProviderError(.tooManyOpen, "\(Self.limit) files and directories of this mount are open: close some")
        }
    }

    /// How many handles there are.
    var count: Int { state.withLock { $0.count } }

    /// Keeps a file and gives it a handle.
    func insert(_ file: File) -> UInt64 { state.withLock { $0.insert(.file(file)) } }

    /// Keeps a directory and gives it a handle.
    func insert(_ directory: OpenedDirectory) -> UInt64 { state.withLock { $0.insert(.directory(directory)) } }

    /// The file of a handle.
    func file(_ handle: UInt64) -> File? {
        guard case .file(let file) = state.withLock({ $0.slot(handle) }) else { return nil }
        return file
    }

    /// The directory of a handle.
    func directory(_ handle: UInt64) -> OpenedDirectory? {
        guard case .directory(let directory) = state.withLock({ $0.slot(handle) }) else { return nil }
        return directory
    }

    /// Lets go of a handle; the file that has to be closed, if it was one.
    func remove(_ handle: UInt64) -> (any NodeFile)? {
        guard case .file(let opened) = state.withLock({ $0.remove(handle) }) else { return nil }
        return opened.file
    }

    /// Lets go of all handles; the files that have to be closed.
    func removeAll() -> [any NodeFile] {
        let slots = state.withLock { state in
            defer { state = State() }
            return state.slots
        }
        return slots.compactMap { slot in
            guard case .file(let opened) = slot else { return nil }
            return opened.file
        }
    }
}
