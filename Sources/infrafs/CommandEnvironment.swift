/// The environment as the kernel gave it to the process. `environ` is a mutable global of C, which no thread may read
/// safely; what setenv(3) changed later is of no interest here.
enum CommandEnvironment {
    static let entries = (TextFile.read("/proc/self/environ") ?? "").split(separator: "\0").map(String.init)
}
