import Dispatch
import Glibc

/// One thing that takes what anybody may write: it gets bytes, and ends the program where something is not as it must be.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void
}

/// All of them; `FUZZ_TARGET` names the one to run.
let fuzzTargets: [FuzzTarget] = [
    FuzzTarget(name: "yaml", run: fuzzYAML),
    FuzzTarget(name: "names", run: fuzzNames),
    FuzzTarget(name: "values", run: fuzzValues),
    FuzzTarget(name: "attributes", run: fuzzAttributes),
    FuzzTarget(name: "drafts", run: fuzzDrafts),
    FuzzTarget(name: "offsets", run: fuzzOffsets),
]

private let chosen: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = fuzzTargets.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET is one of \(fuzzTargets.map(\.name).joined(separator: ", "))")
    }
    return target
}()

/// What libFuzzer calls for each input (llvm.org/docs/LibFuzzer.html).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Ends the program with the reason unless something holds.
func must(_ holds: Bool, _ reason: @autoclosure () -> String) {
    if !holds { fatalError(reason()) }
}

/// Runs asynchronous work to its end on the calling thread's time.
func waiting(_ body: @escaping @Sendable () async -> Void) {
    let ended = DispatchSemaphore(value: 0)
    Task {
        await body()
        ended.signal()
    }
    must(ended.wait(timeout: .now() + 60) == .success, "no end after a minute")
}

/// The bytes of an input as choices.
struct Choices {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    /// A number below a bound.
    mutating func number(below bound: Int) -> Int { Int(rest.popFirst() ?? 0) % bound }

    /// Any number of 64 bits; small ones and the ends of the range are likely.
    mutating func anyNumber() -> Int {
        switch number(below: 6) {
        case 0: number(below: 256)
        case 1: Int.max - number(below: 256)
        case 2: -number(below: 256)
        default: (0..<8).reduce(0) { sum, _ in sum << 8 | number(below: 256) }
        }
    }

    /// One of these.
    mutating func one<Element>(of elements: [Element]) -> Element { elements[number(below: elements.count)] }

    /// Up to so many bytes.
    mutating func bytes(upTo limit: Int = 64) -> [UInt8] {
        let count = min(number(below: limit + 1), rest.count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Text from them.
    mutating func text(upTo limit: Int = 64) -> String { String(decoding: bytes(upTo: limit), as: UTF8.self) }

    /// All that is left.
    mutating func all() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}
