import Glibc

/// What is told to whoever started the program and waits for it: systemd, for a service of `Type=notify`.
enum Readiness {
    /// That the mount answers, to the socket that `NOTIFY_SOCKET` names (sd_notify(3)); nothing where none is named.
    static func tell() {
        let name = Standard.environment["NOTIFY_SOCKET"] ?? ""
        guard let (address, length) = address(of: name) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array("READY=1".utf8)
        var place = address
        withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                // Who does not listen is not waited for.
                _ = sendto(descriptor, message, message.count, Int32(MSG_DONTWAIT), pointer, length)
            }
        }
    }

    /// A path, or after an `@` a name without one; nil where it is neither or too long (unix(7)).
    private static func address(of path: String) -> (sockaddr_un, socklen_t)? {
        var name = Array(path.utf8)
        guard let first = name.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else { return nil }
        if first == UInt8(ascii: "@") { name[0] = 0 }
        var address = sockaddr_un()
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        return (address, socklen_t(MemoryLayout<sa_family_t>.size + name.count))
    }
}
