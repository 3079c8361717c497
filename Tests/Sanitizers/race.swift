import Glibc
import Synchronization

/// Whether the sanitizer sees what it should: `race.swift race` has one, `race.swift` has none.
final class Shared: @unchecked Sendable {
    // Unchecked: with `race`, it is the race that is to be found.
    let guarded = Mutex<[Int]>([])
    let isRacing = CommandLine.arguments.contains("race")
    var bare = 0
}

@main struct Race {
    static func main() {
        let shared = Shared()
        let threads = (0..<4).map { _ in
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    let shared = Unmanaged<Shared>.fromOpaque(context).takeUnretainedValue()
                    // Before the thread has the lock for the first time: nothing orders this after what another did, however
                    // the threads are scheduled. Between two turns with the lock, the lock would.
                    if shared.isRacing { shared.bare += 1 }
                    for turn in 0..<20000 {
                        shared.guarded.withLock { numbers in
                            numbers.append(turn)
                            if numbers.count > 100 { numbers = [] }
                        }
                    }
                    return nil
                }, Unmanaged.passUnretained(shared).toOpaque())
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
        withExtendedLifetime(shared) {}
    }
}
