import Inventory
import ProviderAPI
import ProviderTesting
import Synchronization
import Testing

@testable import MountBridge

/// A writer that is killed has not said that what it wrote is whole: real processes, through the mount to a provider.
@Suite(.timeLimit(.minutes(1))) struct KilledWriterTests {
    private let content = RecordedContent()

    private func mounted(_ body: (MountedTree) async throws -> Void) async throws {
        let provider = MountedProvider(ImageProvider(images: RecordedImages(content: content)))
        try await MountedTree.with(over: provider.tree, body)
    }

    @Test func whatItWroteIsGivenUp() async throws {
        try await mounted { mount in
            let started = await mount.shell("dd if=/dev/zero of=lab/images/one/data bs=4096 > /dev/null 2>&1 & echo $!")
            #expect(await eventually { content.calls.contains("write") })
            #expect(await mount.shell("kill -9 \(started.output)").status == 0)
            #expect(await eventually { content.calls.contains("abandon") })
            #expect(!content.calls.contains("flush"))
        }
    }

    @Test func whatIsClosedIsStored() async throws {
        try await mounted { mount in
            #expect(await mount.shell("head -c 8192 /dev/zero > lab/images/one/data") == ("", 0))
            #expect(await eventually { content.calls.contains("close") })
            #expect(content.calls.contains("flush"))
            #expect(!content.calls.contains("abandon"))
        }
    }
}

/// Takes anything, and keeps what was asked of it.
private final class RecordedContent: BulkContent {
    private let log = Mutex<[String]>([])

    var calls: [String] { log.withLock { $0 } }
    var size: Int { 0 }

    private func note(_ call: String) { log.withLock { $0.append(call) } }

    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] { [] }
    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int? { nil }
    func truncate(to size: Int) async throws(ProviderError) {}
    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) { note("write") }
    func flush() async throws(ProviderError) { note("flush") }
    func close() async throws(ProviderError) { note("close") }
    func abandon() async throws(ProviderError) { note("abandon") }
}

private struct RecordedImages: BulkService {
    let content: RecordedContent
    let operations: Set<Operation> = [.listImages, .readImage, .writeImage]

    func list() async throws(ProviderError) -> [Image] { [Image(id: .init("1"), name: "one", size: 0)] }
    func content(of id: Image.ID, writable: Bool) async throws(ProviderError) -> any BulkContent { content }
}

private struct ImageProvider: Provider {
    let type = "stub"
    let images: (any CollectionService<Image>)?

    init(images: RecordedImages) { self.images = images }

    func check() async throws(ProviderError) {}
    func close() async {}
}
