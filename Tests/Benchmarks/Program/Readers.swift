import Foundation
import Synchronization

/// Several processes' worth of readers at a time, against as many of the C file system.
struct Readers {
    let workshop: Workshop
    let rounds: Int
    let repetitions: Int

    func run(_ report: inout Report) throws {
        let infrafs = try workshop.mountFleet(of: 1000)
        defer { try? infrafs.unmount() }
        let yardstick = try workshop.mountYardstick()
        defer { try? yardstick.unmount() }
        let machines = "\(infrafs.path)/demo/vms"
        _ = try Command.time("cat */status", in: machines)
        let names = try RoundTrips.names(in: machines).map { "\($0)/status" }
        for readers in [1, 2, 4, 8] {
            let pairing = try Pairing(rounds: rounds) {
                try time(readers, machines, names)
            } against: {
                try time(readers, yardstick.path, names.indices.map(String.init))
            }
            report.compare(
                "open, read, close by \(readers) reader\(readers == 1 ? "" : "s") of their own files",
                with: "C, 4 round trips", pairing, goal: .atMost(0.6))
        }
    }

    /// Seconds for one file, with so many threads that each read files of their own.
    private func time(_ readers: Int, _ directory: String, _ names: [String]) throws -> Double {
        let failures = Atomic(0)
        let count = max(repetitions / readers, 1)
        let elapsed = seconds {
            DispatchQueue.concurrentPerform(iterations: readers) { reader in
                guard let places = try? names[reader * 100..<reader * 100 + 100].map({ try Place(directory, $0) })
                else { return failures.store(1, ordering: .relaxed) }
                for index in 0..<count where !places[index % places.count].isRead() {
                    failures.store(1, ordering: .relaxed)
                }
            }
        }
        guard failures.load(ordering: .relaxed) == 0 else { throw BenchmarkError("a reader failed") }
        return elapsed / Double(count * readers)
    }
}
