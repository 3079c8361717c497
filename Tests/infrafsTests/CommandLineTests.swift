import ArgumentParser
import Settings
import Testing

@testable import infrafs

@Suite("The command line of mount")
struct CommandLineTests {
    @Test(
        "mount(8) is understood by the program's name",
        arguments: [
            (["infrafs", "check", "a"], ["check", "a"]),
            (["/sbin/mount.infrafs", "none", "/m", "-o", "rw,ro"], ["mount", "none", "/m", "-o", "rw,ro"]),
            (
                ["mount.fuse.infrafs", "c.yaml", "/m", "-sfnv", "-o", "ro"],
                ["mount", "c.yaml", "/m", "--dry-run", "-o", "ro"]
            ),
            (["mount.fuse.infrafs", "demo", "/m", "-n", "-v", "-s", "-t", "fuse.infrafs"], ["mount", "demo", "/m"]),
            (["infrafs"], []),
        ])
    func helper(words: [String], arguments: [String]) {
        #expect(Invocation.arguments(from: words) == arguments)
    }

    @Test(
        "Arguments of mount, with the command's name and without",
        arguments: [
            ["mount", "--demo", "/m"], ["--demo", "/m"], ["mount", "demo", "/m"], ["none", "/m", "-o", "demo"],
            ["none", "/m", "-odemo"], ["/m", "-o", "ro", "-o", "demo", "-f"],
        ])
    func parsing(words: [String]) throws {
        let command = try #require(try Infrafs.parseAsRoot(words) as? MountCommand)
        #expect(command.names.last == "/m")
        let isDemo = try OptionList(command.options).demo
        #expect(command.demo || command.names.first == "demo" || isDemo)
    }

    private func list(_ lists: String...) throws -> (OptionList, MountSettings) {
        let list = try OptionList(lists)
        var settings = MountSettings()
        list.apply(to: &settings)
        return (list, settings)
    }

    @Test("Our own options, and those of mount(8) and systemd")
    func options() throws {
        let (own, settings) = try list(
            "rw,nosuid,nodev,config=/a\\,b.yaml,log_file=l,log_level=debug",
            "ro,allow_other,uid=5,gid=6,umask=027",
            "noauto,nofail,_netdev,x-systemd.automount,x-systemd.requires=a.service,user,defaults,exec,comment=x,,relatime"
        )
        #expect(own.config == "/a,b.yaml" && own.logFile == "l" && own.logLevel == "debug" && !own.demo)
        #expect(settings.readOnly && settings.allowOther)
        #expect(settings.uid == 5 && settings.gid == 6 && settings.umask == 0o27)
        #expect(try !list("ro,rw").1.readOnly)
    }

    @Test("Options go over the configuration, and only where they are given")
    func precedence() throws {
        var settings = MountSettings()
        settings.allowOther = true
        settings.readOnly = true
        try OptionList(["rw,uid=3"]).apply(to: &settings)
        #expect(settings.allowOther && !settings.readOnly && settings.uid == 3)
    }

    @Test(
        "What is refused says why",
        arguments: [
            ("alow_other", "unknown mount option 'alow_other': did you mean 'allow_other'?"),
            ("uid=me", "mount option 'uid' must be a number, not 'me'"),
            ("uid", "mount option 'uid' needs a value: uid=UID"),
            ("umask=8", "mount option 'umask' must be octal permission bits such as 022, not '8'"),
            ("config", "mount option 'config' needs a value: config=FILE"),
            (
                "password=hunter2",
                "'-o password' would show a secret in the list of processes: put it in the configuration file"
            ),
            (
                "access_key_secret=hunter2",
                "'-o access_key_secret' would show a secret in the list of processes: put it in the configuration file"
            ),
        ])
    func refused(options: String, message: String) {
        #expect {
            _ = try OptionList([options])
        } throws: { error in
            (error as? Failure)?.message == message && (error as? Failure)?.status == .usage
        }
    }
}
