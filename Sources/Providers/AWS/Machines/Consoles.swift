import ProviderAPI
import Synchronization

/// What EC2 tells of the screens of machines.
struct Consoles: ConsoleService {
    let account: Account

    /// The page of AWS's console that offers to connect: its address says all, so that nobody has to be asked.
    func console(of id: VirtualMachine.ID) async throws(ProviderError) -> String { page(of: id) }

    func page(of id: VirtualMachine.ID) -> String {
        let region = account.region
        return "https://\(region).console.aws.amazon.com/ec2/home?region=\(region)#ConnectToInstance:instanceId=\(id)"
    }

    /// The console's output so far: it ends, and takes no input.
    func serial(of id: VirtualMachine.ID) async throws(ProviderError) -> any ByteStream {
        let output = try await account.ec2.consoleOutput(id.rawValue, to: "read the console output of \(id)")
        return ConsoleOutput(output)
    }
}

/// Text that was, as a stream that ends.
private final class ConsoleOutput: ByteStream {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ output: [UInt8]) {
        rest = Mutex(output[...])
    }

    func read(upTo count: Int) async throws(ProviderError) -> [UInt8] {
        rest.withLock { rest in
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            return Array(part)
        }
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        throw ProviderError(.unsupported, "EC2 gives the output of the console only")
    }

    func close() async {}
}
