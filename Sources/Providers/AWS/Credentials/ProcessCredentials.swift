import Dispatch
import FoundationEssentials
import ProcessKit
import ProviderAPI

/// A program that prints credentials (`credential_process`): a line for the shell, in AWS's own configuration.
enum ProcessCredentials {
    private static let patience = Duration.seconds(60)

    /// Runs it on a thread of its own, since it may ask a person something.
    static func run(_ command: String) async throws(ProviderError) -> Credentials {
        let printed: [UInt8]? = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let shell = Command(
                    ["/bin/sh", "-c", command], environment: ProcessInfo.processInfo.environment)
                continuation.resume(returning: try? shell.output(deadline: patience))
            }
        }
        // What it printed is a secret, and so may be what is wrong with it.
        guard let printed, let document = try? JSONDecoder().decode(CredentialDocument.self, from: Data(printed)) else {
            throw ProviderError(
                .credentialsMissing, "credential_process of the profile does not print credentials: run it by hand")
        }
        return try document.credentials(from: "credential_process")
    }
}
