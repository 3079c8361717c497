import ProviderAPI
import Testing

@testable import LibvirtKit
@testable import LibvirtProvider

/// What a reader of a volume asks for and keeps, without a volume.
struct VolumeWindowsTests {
    private static let size = 1 << 30
    private static let count = 128 << 10

    private func part(_ range: Range<Int>) -> VolumePart {
        VolumePart(
            extents: [.init(offset: range.lowerBound, count: range.count, place: 0)],
            bytes: [UInt8](repeating: 7, count: range.count), offset: range.lowerBound)
    }

    /// A transfer, all at once.
    private func bring(_ fetch: VolumeFetch, to windows: inout VolumeWindows) {
        var offset = fetch.range.lowerBound
        while offset < fetch.range.upperBound {
            let end = min(offset + VolumeWindows.piece, fetch.range.upperBound)
            windows.keep(part(offset..<end), of: fetch)
            fetch.reach(end)
            offset = end
        }
        windows.end(fetch)
    }

    /// Reads one range as ``VolumeReader`` does; how many bytes had to be waited for.
    private func read(_ range: Range<Int>, _ windows: inout VolumeWindows) -> Int {
        let length = windows.note(range)
        var missing = 0
        if windows.part(at: range.lowerBound) == nil {
            missing = length
            bring(windows.begin(range.lowerBound..<range.lowerBound + length, limit: length), to: &windows)
        }
        return missing
    }

    private func kept(_ windows: VolumeWindows) -> Int { windows.parts.reduce(0) { $0 + $1.bytes.count } }

    @Test func aReaderThatGoesOnWaitsOnceAndKeepsABoundedAmount() {
        var windows = VolumeWindows()
        var (waited, fetched) = (0, [Int]())
        for index in 0..<1000 {
            let range = index * Self.count..<(index + 1) * Self.count
            waited += read(range, &windows) > 0 ? 1 : 0
            if let fetch = windows.ahead(size: Self.size) {
                #expect(fetch.range.upperBound - range.upperBound <= 2 * VolumeWindows.most)
                fetched.append(fetch.range.count)
                bring(fetch, to: &windows)
            }
            #expect(kept(windows) <= VolumeWindows.budget)
        }
        #expect(waited == 1)
        #expect(Array(fetched.prefix(5)) == [512 << 10, 1 << 20, 2 << 20, 4 << 20, 8 << 20])
        #expect(fetched.dropFirst(5).allSatisfy { $0 == VolumeWindows.most })
    }

    @Test func nothingIsFetchedAheadOfTheFirstReadOrBehindTheEnd() {
        var windows = VolumeWindows()
        _ = read(0..<Self.count, &windows)
        let first = windows.ahead(size: Self.size)
        #expect(first == nil)
        _ = read(Self.count..<2 * Self.count, &windows)
        let second = windows.ahead(size: 512 << 10)
        #expect(second == nil)
    }

    @Test func oneThatJumpsFetchesLittleAndLetsGoOfWhatWasAhead() throws {
        var windows = VolumeWindows()
        for index in 0..<3 { _ = read(index * Self.count..<(index + 1) * Self.count, &windows) }
        let next = windows.ahead(size: Self.size)
        let ahead = try #require(next)
        #expect(windows.wants(ahead))
        let far = read(500 << 20..<(500 << 20) + 4096, &windows)
        #expect(far == VolumeWindows.step)
        #expect(!windows.wants(ahead))
        let before = kept(windows)
        windows.keep(part(ahead.range.lowerBound..<ahead.range.lowerBound + 1), of: ahead)
        #expect(kept(windows) == before)
        for index in 0..<400 {
            let offset = (index % 2 == 0 ? index : 800 - index) << 20
            _ = read(offset..<offset + Self.count, &windows)
            #expect(windows.part(at: offset) != nil, "what was just asked for is there")
        }
        #expect(kept(windows) <= VolumeWindows.budget)
    }

    @Test func whatIsForgottenIsNotKept() {
        var windows = VolumeWindows()
        let fetch = windows.begin(0..<Self.count, limit: Self.count)
        windows.forget()
        windows.keep(part(0..<Self.count), of: fetch)
        #expect(windows.part(at: 0) == nil)
        #expect(windows.fetch(at: 0) == nil)
    }

    @Test func whoeverWaitsIsToldOfThePartOrTheEnd() async throws {
        let fetch = VolumeFetch(0..<100, limit: 100)
        async let first = fetch.wait(past: 10)
        async let second = fetch.wait(past: 60)
        fetch.reach(50)
        #expect(try await first == .here)
        fetch.finish(.success(.ended))
        #expect(try await second == .ended)
        let waiting = Task { try await VolumeFetch(0..<1, limit: 1).wait(past: 0) }
        waiting.cancel()
        await #expect(throws: (any Error).self) { try await waiting.value }
    }
}
