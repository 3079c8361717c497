import ObjectStore
import Testing

@Suite("Keys and paths") struct PathTests {
    static let long = String(repeating: "n", count: 255)

    @Test(
        "A key is written as documented and read back",
        arguments: [
            ("a/b", ["a", "b"]),
            ("a//b", ["a", "%2F", "b"]),
            ("/a", ["%2F", "a"]),
            ("a/", ["a", "%2F"]),
            ("./..", ["%2E", "%2E."]),
            (".profile", [".profile"]),
            ("a\u{1}b\n\u{7F}", ["a%01b%0A%7F"]),
            ("100% of 50%", ["100% of 50%"]),
            ("a%41", ["a%41"]),
            ("a%0A", ["a%250A"]),
            ("a%250A", ["a%25250A"]),
            ("%2F", ["%252F"]),
            ("x%2F", ["x%2F"]),
            ("%2E.", ["%252E."]),
            ("a%file", ["a%25file"]),
            ("a%25file", ["a%2525file"]),
            ("a%+", ["a%25+"]),
            ("a%filed", ["a%filed"]),
            (long, [long]),
        ])
    func mapping(key: String, path: [String]) {
        #expect(ObjectTree.path(ofKey: key) == path)
        #expect(ObjectTree.key(ofPath: path).map { Array($0.utf8) } == Array(key.utf8))
    }

    @Test("A file beside a directory of its name has a name of its own")
    func besideDirectory() {
        #expect(ObjectTree.path(ofKey: "x/a", besideDirectory: true) == ["x", "a%file"])
        #expect(ObjectTree.key(ofPath: ["x", "a%file"]) == "x/a")
        #expect(ObjectTree.key(ofPath: ["a%file", "b"]) == nil)
    }

    @Test("A name that no key is written as is none", arguments: ["a\nb", "%2F%file%file", "", ".", "..", "x%+", "%+"])
    func impossible(name: String) {
        #expect(ObjectTree.key(ofPath: [name]) == nil)
    }

    @Test("Random keys come back exactly, in names a directory can hold")
    func roundTrip() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let pieces = [
            "%", "25", "0A", "2F", "2E", ".", "+", "file", "/", "a", "\n", "é", "e\u{301}", "\u{1F600}", "\u{1}",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 1...12, using: &random)
            var key = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            if Int.random(in: 0..<20, using: &random) == 0 {
                key = String(repeating: key, count: Int.random(in: 1...60, using: &random))
            }
            for beside in [false, true] {
                let path = ObjectTree.path(ofKey: key, besideDirectory: beside)
                #expect(path.allSatisfy { (1...255).contains($0.utf8.count) && $0 != "." && $0 != ".." })
                #expect(path.allSatisfy { !$0.utf8.contains { $0 < 32 || $0 == 127 || $0 == 47 } })
                #expect(
                    ObjectTree.key(ofPath: path).map { Array($0.utf8) } == Array(key.utf8),
                    "seed \(seed), key \(key.debugDescription)")
            }
        }
    }
}

/// A generator whose sequence is known from its seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
