import ProviderAPI

/// Somebody's way through the files of a directory, one after the other: in the order of the listing, or in that of their
/// inode numbers, by which cp(1) and mv(1) sort what they have listed.
struct DirectoryWalk: Sendable {
    /// One order of the files, and how far somebody has come in it.
    private struct Order: Sendable {
        /// The files in that order, and each one's place in it.
        let files: [Int]
        let places: [Int]
        var place = -1
        /// How many were read in order.
        var length = 0
        /// The first place that nobody has asked for.
        var frontier = 0

        init(_ files: [Int]) {
            self.files = files
            var places = files
            for (place, file) in files.enumerated() { places[file] = place }
            self.places = places
        }

        mutating func advance(to file: Int, isAhead: Bool) {
            let new = places[file]
            // Some readers leave a name out, and those that are several come back to one.
            if isAhead ? length > 0 : (place + 1...place + Limits.namesLeftOut).contains(new) {
                length += 1
                place = max(place, new)
                frontier = max(frontier, place + 1)
            } else {
                (place, length, frontier) = (new, 1, new + 1)
            }
        }
    }

    /// In the order of their keys.
    private let files: [KnownPages.Entry]
    private var orders: [Order]

    /// Nobody has begun yet. `number` gives the inode number of a key.
    init(_ files: [KnownPages.Entry], number: (String) -> UInt64) {
        let files = files.filter { $0.object.map { FilesAhead.isSmall($0) } ?? false }
        let numbers = files.map { $0.object.map { number($0.key) } ?? 0 }
        self.files = files
        orders = [Order(Array(files.indices)), Order(files.indices.sorted { numbers[$0] < numbers[$1] })]
    }

    /// Whether it leads to a key.
    func knows(_ key: String) -> Bool { file(key) != nil }

    /// Goes on to a file; `isAhead` of one that was fetched ahead. One that is not known changes nothing.
    mutating func advance(to key: String, isAhead: Bool) {
        guard let file = file(key) else { return }
        for index in orders.indices { orders[index].advance(to: file, isAhead: isAhead) }
    }

    private func file(_ key: String) -> Int? {
        let file = files.partition { $0.object?.key.precedes(key) ?? false }
        return file < files.count && files[file].object?.key.isExactly(key) ?? false ? file : nil
    }

    /// What is likely to be read next and was not given before, while so many others wait to be read.
    mutating func next(beside waiting: Int) -> [KnownPages.Entry] {
        guard let best = orders.indices.max(by: { orders[$0].length < orders[$1].length }), orders[best].length > 1
        else { return [] }
        let window = min(1 << min(orders[best].length - 1, 16), Limits.filesAhead)
        let next = orders[best].files[orders[best].frontier...].prefix(max(window - waiting, 0))
        orders[best].frontier += next.count
        return next.map { files[$0] }
    }
}
