import CCurl
import Glibc
import Synchronization

/// curl's multi interface on one thread of its own, for all clients of the process. Connections, names and TLS sessions
/// are kept here and shared.
final class Engine: Sendable {
    /// Something for the thread to do.
    enum Order: Sendable {
        case start(Transfer)
        /// The transfer's other side has taken, given or given up.
        case look(Transfer)
    }

    /// The engine, begun by the first request, since no thread outlives the fork of a daemon.
    static func shared() throws(HTTPError) -> Engine { try outcome.get() }

    private static let outcome: Result<Engine, HTTPError> = {
        do throws(HTTPError) {
            return .success(try Engine())
        } catch {
            return .failure(error)
        }
    }()

    private let inbox = Mutex<[Order]>([])
    private let multi: MultiHandle

    private init() throws(HTTPError) {
        multi = try MultiHandle()
        try start()
    }

    /// Hands an order over, from any thread.
    func post(_ order: Order) {
        inbox.withLock { $0.append(order) }
        multi.wake()
    }

    private func start() throws(HTTPError) {
        var thread = pthread_t()
        // The thread lives as long as the process, and so does what it works for.
        let context = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue().run() }
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            context.release()
            throw HTTPError(.failed, "no thread for HTTP: \(String(cString: strerror(failure)))")
        }
        pthread_detach(thread)
    }

    private func run() {
        // Signals are for other threads; a broken pipe is an error of its connection.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        var active: [UnsafeMutableRawPointer: Transfer] = [:]
        while true {
            for order in inbox.withLock({ orders in exchange(&orders, with: []) }) { carryOut(order, &active) }
            if let failure = multi.perform() {
                // What curl itself cannot go on with fails its transfers, and must not turn into a busy loop.
                for transfer in active.values { end(transfer, .failure(HTTPError(.failed, failure)), &active) }
                usleep(100_000)
            }
            while let (pointer, code) = multi.nextFinished() {
                if let transfer = active[pointer] { end(transfer, transfer.outcome(code), &active) }
            }
            let wait = expire(&active)
            multi.poll(wait)
        }
    }

    private func carryOut(_ order: Order, _ active: inout [UnsafeMutableRawPointer: Transfer]) {
        switch order {
        case .start(let transfer):
            do throws(HTTPError) {
                let pointer = try transfer.begin(sharing: multi.share)
                active[pointer] = transfer
                try multi.add(pointer)
            } catch {
                end(transfer, .failure(error), &active)
            }
        case .look(let transfer):
            guard let pointer = transfer.pointer, active[pointer] != nil else { return }
            if transfer.isGivenUp {
                end(transfer, .failure(.interrupted), &active)
            } else {
                transfer.goOn()
            }
        }
    }

    private func end(
        _ transfer: Transfer, _ result: Result<Void, HTTPError>, _ active: inout [UnsafeMutableRawPointer: Transfer]
    ) {
        if let pointer = transfer.pointer, active.removeValue(forKey: pointer) != nil { multi.remove(pointer) }
        transfer.end(result)
    }

    /// Ends what is over its time, and gives the milliseconds to the next such moment.
    private func expire(_ active: inout [UnsafeMutableRawPointer: Transfer]) -> Int {
        let now = ContinuousClock.now
        var wait = 60_000
        for transfer in active.values {
            if let error = transfer.expiry(at: now) {
                end(transfer, .failure(error), &active)
            } else if let next = transfer.nextExpiry {
                wait = min(wait, max(1, (next - now).milliseconds + 1))
            }
        }
        return wait
    }
}

private func exchange<Value>(_ place: inout Value, with value: Value) -> Value {
    defer { place = value }
    return place
}

/// The owner of curl's multi handle and of what its transfers share.
///
/// Everything but ``wake()`` belongs to the engine's thread; curl_multi_wakeup(3) "can be called from any thread".
private final class MultiHandle: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    /// TLS sessions, which otherwise end with their transfer; all users are on one thread, so no lock is needed.
    let share: UnsafeMutableRawPointer

    init() throws(HTTPError) {
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = curl_multi_init() else {
            throw HTTPError(.failed, "libcurl does not start")
        }
        guard let share = curl_share_init() else {
            curl_multi_cleanup(multi)
            throw HTTPError(.failed, "libcurl does not start")
        }
        (self.multi, self.share) = (multi, share)
        _ = infrafs_curl_share(share, Int32(CURL_LOCK_DATA_SSL_SESSION.rawValue))
        _ = infrafs_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 128)
    }

    deinit {
        curl_multi_cleanup(multi)
        curl_share_cleanup(share)
    }

    func wake() { curl_multi_wakeup(multi) }

    func add(_ transfer: UnsafeMutableRawPointer) throws(HTTPError) {
        let code = curl_multi_add_handle(multi, transfer)
        guard code == CURLM_OK else { throw HTTPError(.failed, String(cString: curl_multi_strerror(code))) }
    }

    func remove(_ transfer: UnsafeMutableRawPointer) { curl_multi_remove_handle(multi, transfer) }

    /// Moves what can be moved; gives what went wrong, if anything did.
    func perform() -> String? {
        var running: Int32 = 0
        let code = curl_multi_perform(multi, &running)
        return code == CURLM_OK ? nil : String(cString: curl_multi_strerror(code))
    }

    func nextFinished() -> (UnsafeMutableRawPointer, CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            if message.pointee.msg == CURLMSG_DONE, let transfer = message.pointee.easy_handle {
                return (transfer, infrafs_curl_result(message))
            }
        }
        return nil
    }

    func poll(_ milliseconds: Int) { curl_multi_poll(multi, nil, 0, Int32(milliseconds), nil) }
}
