import CloudInit
import ProviderAPI
import Testing

@Suite("A disc for NoCloud")
struct DiscTests {
    @Test("Label, descriptors and whole sectors")
    func layout() {
        let bytes = DiscImage(label: "cidata", files: [.init("user-data", Array("hello".utf8))]).bytes
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        #expect(bytes.count.isMultiple(of: 2048))
        #expect(text(16 * 2048 + 1..<16 * 2048 + 6) == "CD001")
        #expect(text(16 * 2048 + 40..<16 * 2048 + 72) == "cidata" + String(repeating: " ", count: 26))
        #expect(bytes[17 * 2048] == 2)
        #expect(bytes[18 * 2048] == 255)
        let sectors = Int(bytes[16 * 2048 + 80]) | Int(bytes[16 * 2048 + 81]) << 8
        #expect(sectors * 2048 == bytes.count)
    }

    @Test("Two discs with the same files are the same")
    func stable() {
        let files = [DiscImage.File("b", [1]), DiscImage.File("a", [UInt8](repeating: 7, count: 5000))]
        #expect(DiscImage(label: "x", files: files).bytes == DiscImage(label: "x", files: files.reversed()).bytes)
    }

    @Test("Many files, an empty one among them, take more sectors")
    func many() {
        let files = (0..<60).map { DiscImage.File("a-rather-long-name-\($0)", [UInt8](repeating: 1, count: $0)) }
        let bytes = DiscImage(label: "x", files: files).bytes
        #expect(bytes.count > (23 + 2 + 59) * 2048)
        for file in files {
            #expect(bytes.contains(sequence: Array(file.name.utf8)))
        }
    }
}

extension [UInt8] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        (0...count - sequence.count).contains { self[$0..<$0 + sequence.count].elementsEqual(sequence) }
    }
}
