/// A small CD image with files in its root: ISO 9660 (ECMA-119) with Rock Ridge names for Linux and BSD and Joliet
/// names for Windows. What cloud-init's NoCloud source reads is one with the label `cidata`.
public struct DiscImage: Sendable {
    /// One file of the disc.
    public struct File: Sendable {
        /// Its name, as Rock Ridge and Joliet tell it.
        public var name: String
        /// What it holds.
        public var content: [UInt8]

        /// A file.
        public init(_ name: String, _ content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    /// Bytes of a sector.
    static let sector = 2048
    /// Where the parts of the disc begin, in sectors.
    private enum Place {
        static let primary = 16
        static let joliet = 17
        static let end = 18
        static let paths = 19
        static let directories = 23
    }

    private let label: String
    private let files: [File]
    /// Where the content of each file begins.
    private let extents: [Int]
    private let total: Int
    private let primaryRoot: DiscDirectory
    private let jolietRoot: DiscDirectory

    /// A disc of a label (at most 16 characters of ASCII) with these files.
    public init(label: String, files: [File]) {
        self.label = label
        let sorted = files.sorted { $0.name < $1.name }
        self.files = sorted
        let sizes = sorted.map(\.content.count)
        let names = DiscDirectory.shortNames(of: sorted.map(\.name))
        // The sizes of directories do not depend on what they say, so a first pass finds the places.
        func directory(_ kind: DiscDirectory.Kind, at start: Int, _ extents: [Int]) -> DiscDirectory {
            let entries = sorted.indices.map { index in
                DiscDirectory.Entry(
                    name: sorted[index].name, shortName: names[index], extent: extents[index], size: sizes[index])
            }
            return DiscDirectory(kind, start: start, entries: entries)
        }
        let nowhere = sorted.map { _ in 0 }
        let jolietStart = Place.directories + directory(.rockRidge, at: 0, nowhere).sectors
        var next = jolietStart + directory(.joliet, at: 0, nowhere).sectors
        var extents: [Int] = []
        for size in sizes {
            extents.append(next)
            next += (size + Self.sector - 1) / Self.sector
        }
        self.extents = extents
        total = next
        primaryRoot = directory(.rockRidge, at: Place.directories, extents)
        jolietRoot = directory(.joliet, at: jolietStart, extents)
    }

    /// The whole disc.
    public var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: total * Self.sector)
        func put(_ content: [UInt8], at sector: Int) {
            bytes.replaceSubrange(sector * Self.sector..<sector * Self.sector + content.count, with: content)
        }
        put(descriptor(.rockRidge), at: Place.primary)
        put(descriptor(.joliet), at: Place.joliet)
        put([255] + Array("CD001".utf8) + [1], at: Place.end)
        for (index, root) in [primaryRoot, jolietRoot].enumerated() {
            put(Self.pathTable(root, isLittle: true), at: Place.paths + index * 2)
            put(Self.pathTable(root, isLittle: false), at: Place.paths + index * 2 + 1)
            put(root.bytes, at: root.start)
        }
        for (file, extent) in zip(files, extents) { put(file.content, at: extent) }
        return bytes
    }

    /// ECMA-119 8.4 and 8.5: the primary and the supplementary volume descriptor.
    private func descriptor(_ kind: DiscDirectory.Kind) -> [UInt8] {
        let root = kind == .joliet ? jolietRoot : primaryRoot
        let paths = Place.paths + (kind == .joliet ? 2 : 0)
        var record = DiscRecord()
        record.append([kind == .joliet ? 2 : 1] + Array("CD001".utf8) + [1, 0])
        record.append(text: "", length: 32, kind)
        record.append(text: label, length: 32, kind)
        record.append(zeros: 8)
        record.append(both32: total)
        // UCS-2, level 3.
        record.append(kind == .joliet ? Array("%/E".utf8) : [0, 0, 0])
        record.append(zeros: 29)
        for value in [1, 1, Self.sector] { record.append(both16: value) }
        record.append(both32: 10)
        record.append(little32: paths)
        record.append(zeros: 4)
        record.append(big32: paths + 1)
        record.append(zeros: 4)
        record.append(root.ownRecord)
        for length in [128, 128, 128, 128, 37, 37, 37] { record.append(text: "", length: length, kind) }
        // No dates: they would make two discs with the same files differ.
        for _ in 0..<4 { record.append(Array("0000000000000000".utf8) + [0]) }
        record.append([1])
        return record.bytes
    }

    /// ECMA-119 9.4: the root alone.
    private static func pathTable(_ root: DiscDirectory, isLittle: Bool) -> [UInt8] {
        var record = DiscRecord()
        record.append([1, 0])
        if isLittle { record.append(little32: root.start) } else { record.append(big32: root.start) }
        record.append(isLittle ? [1, 0, 0, 0] : [0, 1, 0, 0])
        return record.bytes
    }
}
