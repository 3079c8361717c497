/// Content of a volume or an image: holes, bytes that derive from a seed, and pages that were written.
struct SparseContent: Sendable {
    /// The grain of it: a page is a hole or is data.
    static let page = 65536

    private(set) var size: Int
    private let seed: UInt64
    /// Pages whose bytes derive from the seed.
    private var generated: [Range<Int>]
    private var written: [Int: [UInt8]] = [:]

    /// A content all of holes, or with data at its beginning and in its middle.
    init(size: Int, seed: UInt64? = nil) {
        self.size = size
        self.seed = seed ?? 0
        let pages = size / Self.page
        guard seed != nil, pages > 0 else {
            generated = []
            return
        }
        generated = pages < 64 ? [0..<min(pages, 4)] : [0..<16, pages / 2..<pages / 2 + 8]
    }

    /// Bytes of the pages that were written.
    var writtenBytes: Int { written.count * Self.page }

    /// Cuts it or adds a hole. What is cut does not come back.
    mutating func resize(_ size: Int) {
        if size < self.size {
            let pages = size / Self.page
            generated = generated.filter { $0.lowerBound < pages }.map { $0.clamped(to: 0..<pages) }
        }
        if size < self.size, !written.isEmpty {
            written = written.filter { $0.key * Self.page < size }
            let start = size % Self.page
            if start > 0, let page = written[size / Self.page] {
                written[size / Self.page] = Array(page[..<start]) + [UInt8](repeating: 0, count: Self.page - start)
            }
        }
        self.size = size
    }

    func read(offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        let end = min(size, offset + min(count, size - offset))
        return [UInt8](unsafeUninitializedCapacity: end - offset) { buffer, filled in
            var place = offset
            while place < end {
                let index = place / Self.page
                let stop = min(end, (index + 1) * Self.page)
                let part = UnsafeMutableBufferPointer(rebasing: buffer[place - offset..<stop - offset])
                fill(part, page: index, from: place % Self.page)
                place = stop
            }
            filled = end - offset
        }
    }

    /// How many pages a write of these bytes adds to what is kept. Zeros over a hole leave a hole.
    func pagesAdded(by bytes: [UInt8], offset: Int) -> Int {
        var added = 0
        eachPage(of: bytes, offset: offset) { index, part, _ in
            if written[index] == nil, isData(index) || part.contains(where: { $0 != 0 }) { added += 1 }
        }
        return added
    }

    mutating func write(_ bytes: [UInt8], offset: Int) {
        guard !bytes.isEmpty else { return }
        if offset + bytes.count > size { size = offset + bytes.count }
        var changed: [Int: [UInt8]] = [:]
        eachPage(of: bytes, offset: offset) { index, part, start in
            guard isData(index) || part.contains(where: { $0 != 0 }) else { return }
            var page = wholePage(index)
            page.replaceSubrange(start..<start + part.count, with: part)
            changed[index] = page
        }
        written.merge(changed) { _, new in new }
    }

    /// The start of the next data or hole at or after an offset; the end counts as a hole. nil past the end.
    func seek(offset: Int, hole: Bool) -> Int? {
        guard offset >= 0, offset < size else { return nil }
        var index = offset / Self.page
        if isData(index) != hole { return offset }
        if hole {
            while isData(index) && index * Self.page < size { index += 1 }
            return min(size, index * Self.page)
        }
        let inSeed = generated.compactMap { $0.upperBound > index ? max($0.lowerBound, index) : nil }.min()
        let inWritten = written.keys.filter { $0 > index }.min()
        guard let next = [inSeed, inWritten].compactMap({ $0 }).min(), next * Self.page < size else { return nil }
        return next * Self.page
    }

    private func isData(_ page: Int) -> Bool {
        written[page] != nil || generated.contains { $0.contains(page) }
    }

    private func wholePage(_ index: Int) -> [UInt8] {
        if let page = written[index] { return page }
        return [UInt8](unsafeUninitializedCapacity: Self.page) { buffer, filled in
            fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<Self.page]), page: index, from: 0)
            filled = Self.page
        }
    }

    private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, page: Int, from start: Int) {
        if let bytes = written[page] {
            _ = buffer.initialize(fromContentsOf: bytes[start..<start + buffer.count])
        } else if isData(page) {
            Self.generate(into: buffer, seed: seed, offset: page * Self.page + start)
        } else {
            buffer.initialize(repeating: 0)
        }
    }

    private func eachPage(of bytes: [UInt8], offset: Int, _ body: (Int, ArraySlice<UInt8>, Int) -> Void) {
        var place = offset
        while place < offset + bytes.count {
            let index = place / Self.page
            let stop = min(offset + bytes.count, (index + 1) * Self.page)
            body(index, bytes[place - offset..<stop - offset], place % Self.page)
            place = stop
        }
    }

    /// Bytes that depend on the seed and the offset alone.
    static func generate(into buffer: UnsafeMutableBufferPointer<UInt8>, seed: UInt64, offset: Int) {
        var word: UInt64 = 0
        for place in 0..<buffer.count {
            let at = offset + place
            if place == 0 || at % 8 == 0 { word = Randomness.mix(seed &+ UInt64(at / 8) &* 0x9E37_79B9_7F4A_7C15) }
            buffer.initializeElement(at: place, to: UInt8(truncatingIfNeeded: word >> UInt64(at % 8 * 8)))
        }
    }
}
