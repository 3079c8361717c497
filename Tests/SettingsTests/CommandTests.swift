import Testing

@testable import Settings

@Suite("Commands that print secrets")
struct CommandTests {
    @Test(
        "One that does not end is ended, whether it holds its output open or not",
        arguments: [
            (["sleep", "60"], "runs a command: sleep gave no answer in time"),
            (["sh", "-c", "exec >&-; sleep 60"], "runs a command: sh did not end in time"),
            (["sh", "-c", "sleep 60 & echo x; wait"], "runs a command: sh gave no answer in time"),
            (["sh", "-c", "yes hunter2"], "runs a command: sh printed more than 65536 bytes"),
            (["printf", "\\377"], "runs a command: printf printed something that is no text"),
        ])
    func endless(words: [String], complaint: String) {
        let start = ContinuousClock.now
        #expect {
            _ = try SecretSource.run(words, ["PATH": "/usr/bin:/bin"], deadline: .milliseconds(200))
        } throws: {
            ($0 as? ValueError)?.message == complaint
        }
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
