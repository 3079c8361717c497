import Glibc
import ProviderAPI
import Settings
import Testing

@Suite("Secrets")
struct SecretTests {
    let scratch = try? Scratch()

    private func provider(_ secret: String) -> String {
        "providers:\n  c:\n    type: cloud\n    region: x\n    access_key_secret: \(secret)\n"
    }

    private func secret(_ form: String, _ environment: [String: String] = [:], mode: mode_t = 0o600) throws -> String? {
        let scratch = try #require(scratch)
        let file = try scratch.write("c.yaml", provider(form), mode: mode)
        let configuration = try scratch.load(path: file, environment)
        return configuration.providers[0].settings.secrets["access_key_secret"]?.reveal()
    }

    @Test("They come from the file, another file, the environment or a command")
    func sources() throws {
        let scratch = try #require(scratch)
        let file = try scratch.write("key", "from file\n\n")
        #expect(try secret("hunter2") == "hunter2")
        #expect(try secret("12345") == "12345")
        #expect(try secret("{file: \(file)}") == "from file\n")
        #expect(try secret("{file: key}") == "from file\n")
        #expect(try secret("{file: ~/key}") == "from file\n")
        #expect(try secret("{env: KEY}", ["KEY": "from environment"]) == "from environment")
        #expect(try secret("{command: [printf, 'a $HOME;\\n']}", mode: 0o644) == "a $HOME;")
        #expect(try secret("{command: [sh, -c, 'echo $KEY']}", ["KEY": "x"], mode: 0o644) == "x")
    }

    @Test(
        "A file that holds one and that others can read is refused, with the command to run",
        arguments: [0o644, 0o640, 0o604])
    func readable(mode: mode_t) throws {
        let scratch = try #require(scratch)
        #expect(
            try scratch.complaint(about: provider("hunter2"), mode: mode)
                == "./c.yaml: holds a secret and others can read it: run 'chmod 600 ./c.yaml'")
        #expect(try scratch.complaint(about: provider("{env: KEY}"), ["KEY": "x"], mode: mode) == "accepted")
        let key = try scratch.write("key", "hunter2", mode: mode)
        #expect(
            try scratch.complaint(about: provider("{file: \(key)}"))
                == "./c.yaml:5: 'access_key_secret' in provider 'c' names a file: ./key holds a secret and others can read "
                + "it: run 'chmod 600 ./key'")
    }

    @Test("A file that anybody can change is refused")
    func writable() throws {
        #expect(
            try #require(scratch).complaint(about: "providers: {c: {type: kvm}}", mode: 0o666)
                == "./c.yaml: can be changed by anybody: run 'chmod o-w ./c.yaml'")
    }

    @Test(
        "What fails is told without the secret, or what may hold one",
        arguments: [
            ("{file: none}", "names a file: ./none cannot be read: No such file or directory"),
            ("{env: KEY}", "needs the environment variable KEY, which is not set"),
            (
                "{command: [sh, -c, 'echo hunter2; echo hunter2 >&2; exit 3']}",
                "runs a command: sh failed with code 3: run it by hand to see why"
            ),
            ("{command: [sh, -c, 'kill -9 $$']}", "runs a command: sh was killed by signal 9"),
            (
                "{command: [/none/hunter, hunter2]}",
                "runs a command: /none/hunter cannot be run: No such file or directory"
            ),
            ("{command: ['true']}", "runs a command: true printed nothing"),
            ("{command: pass show}", "needs its command as a list of words: {command: [pass, show, aws]}"),
            ("{hunter2: x}", "has no known source: write {file: PATH}, {env: NAME} or {command: [WORD, ...]}"),
            ("[hunter2]", "must be text, not a list; or write {file: PATH}, {env: NAME} or {command: [WORD, ...]}"),
            ("", "has no value: give it one, or remove the key"),
        ])
    func failures(form: String, complaint: String) throws {
        #expect(
            try #require(scratch).complaint(about: provider(form))
                == "./c.yaml:5: 'access_key_secret' in provider 'c' \(complaint)")
    }

    @Test(
        "No slip in writing one shows it",
        arguments: [
            "*hunter2", "!hunter2", "&hunter2 [", "%hunter2", "@hunter2", "[hunter2", "'hunter2", "{hunter2",
            "!!int hunter2",
            "hunter2: hunter2", "\"\\hunter2\"", "{hunter2}", "| hunter2", "> hunter2", "`hunter2", "{file: [hunter2]}",
            "{env: {hunter2: 1}}", "{command: [[hunter2]]}",
        ])
    func slips(form: String) throws {
        let complaint = try #require(scratch).complaint(about: provider(form))
        #expect(complaint != "accepted")
        #expect(!complaint.contains("hunter2"), "\(complaint)")
    }

    @Test("The redacted text has none, is read back, and says where the rest is from")
    func redacted() throws {
        let scratch = try #require(scratch)
        let text = """
            providers:
              c:
                type: cloud
                region: https://user:hunter2@host/path@x
                access_key_secret: hunter2
                protect: ["vms/*"]
            mount: {umask: 022}
            """
        let file = try scratch.write("c.yaml", text)
        let configuration = try scratch.load(path: file)
        #expect(
            configuration.redacted == """
                # from \(file)
                providers:
                  c:
                    type: cloud
                    region: https://user:<secret>@host/path@x
                    access_key_secret: <secret>
                    cache: 5s
                    timeout: 30s
                    read_only: false
                    delete_running: false
                    max_calls: 8
                    protect:
                    - vms/*
                mount:
                  allow_other: false
                  ro: false
                  umask: '022'

                """)
        var dumped = ""
        dump(configuration.providers[0].settings, to: &dumped)
        #expect(
            !dumped.contains("access_key_secret: hunter2")
                && !"\(configuration.providers[0].settings.secrets)".contains("hunter2"))
        #expect(try scratch.complaint(about: configuration.redacted) == "accepted")
    }
}
