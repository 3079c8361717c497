/// Numbered places for the records of an ``InodeTable``, in pages: a table that grows moves nothing and has room for one page
/// more than it needs, not for as many again.
struct RecordPages: Sendable {
    /// Places of one page.
    private static let pageSize = 1024

    private var pages: [ContiguousArray<InodeTable.Record?>] = []
    /// How many places there are.
    private(set) var count = 0

    /// What is at a place; nil where it is free.
    subscript(place: Int) -> InodeTable.Record? {
        get { pages[place / Self.pageSize][place % Self.pageSize] }
        set { pages[place / Self.pageSize][place % Self.pageSize] = newValue }
    }

    /// Adds a place behind the last one.
    mutating func append(_ record: InodeTable.Record) {
        if count % Self.pageSize == 0 {
            var page = ContiguousArray<InodeTable.Record?>()
            page.reserveCapacity(Self.pageSize)
            pages.append(page)
        }
        pages[count / Self.pageSize].append(record)
        count += 1
    }
}
