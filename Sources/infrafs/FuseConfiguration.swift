import Glibc
import Settings

/// What the administrator allows ordinary users to mount (fusermount3(1)).
enum FuseConfiguration {
    private static let path = "/etc/fuse.conf"

    /// Refuses `allow_other` where fusermount3 would: to an ordinary user, without `user_allow_other` in its file.
    static func check(_ settings: MountSettings) throws(Failure) {
        guard settings.allowOther, geteuid() != 0, let text = TextFile.read(path) else { return }
        let isAllowed = text.split(separator: "\n").contains { line in
            line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" } == ["user_allow_other"]
        }
        guard isAllowed else {
            throw Failure(
                .cannotMount,
                "'allow_other' is for root alone here: leave it out, or have 'user_allow_other' put in \(path)")
        }
    }
}
