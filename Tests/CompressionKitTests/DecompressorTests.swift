import Foundation
import Testing

@testable import CompressionKit

struct DecompressorTests {
    /// What the format's own program makes of these bytes.
    private func compressed(_ format: CompressionFormat, _ bytes: [UInt8]) throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("content")
        try Data(bytes).write(to: file)
        let program =
            switch format {
            case .gzip: "gzip"
            case .xz: "xz"
            case .zstd: "zstd"
            }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, "-c", "-q", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(data)
    }

    private func content(of compressed: [UInt8], _ format: CompressionFormat, pieces: Int) throws -> [UInt8] {
        let decompressor = try Decompressor(format)
        var content: [UInt8] = []
        for start in stride(from: 0, to: compressed.count, by: pieces) {
            try decompressor.decompress(Array(compressed[start..<min(start + pieces, compressed.count)])) { piece in
                #expect(piece.count <= Decompressor.pieceSize)
                content += piece
            }
        }
        try decompressor.finish()
        return content
    }

    /// A little that does not compress, a lot that does.
    private let plain: [UInt8] =
        (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) } + [UInt8](repeating: 0, count: 1_500_000)

    @Test(arguments: CompressionFormat.allCases)
    func whatTheProgramsMakeIsReadInPiecesOfAnySize(_ format: CompressionFormat) throws {
        let bytes = try compressed(format, plain)
        #expect(CompressionFormat(of: bytes) == format)
        for pieces in [1000, 4096, bytes.count] {
            #expect(try content(of: bytes, format, pieces: pieces) == plain)
        }
        #expect(try content(of: try compressed(format, []), format, pieces: 1) == [])
    }

    @Test(arguments: CompressionFormat.allCases)
    func streamsOneAfterTheOtherAreOneContent(_ format: CompressionFormat) throws {
        let bytes = try compressed(format, [1, 2, 3]) + compressed(format, [4, 5])
        #expect(try content(of: bytes, format, pieces: bytes.count) == [1, 2, 3, 4, 5])
        #expect(try content(of: bytes, format, pieces: 1) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: CompressionFormat.allCases)
    func whatIsCutOffOrDamagedIsRefused(_ format: CompressionFormat) throws {
        let bytes = try compressed(format, plain)
        #expect(throws: CompressionError.self) {
            try content(of: Array(bytes.dropLast(9)), format, pieces: 4096)
        }
        var damaged = bytes
        for place in stride(from: 60, to: min(damaged.count, 20_000), by: 97) { damaged[place] ^= 0x5a }
        #expect(throws: CompressionError.self) { try content(of: damaged, format, pieces: 4096) }
    }

    @Test func plainContentIsTold() {
        #expect(CompressionFormat(of: Array("QFI\u{fb}".utf8)) == nil)
        #expect(CompressionFormat(of: [UInt8]()) == nil)
    }
}
