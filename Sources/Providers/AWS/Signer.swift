import AWSSigning
import HTTPKit
import HTTPProvider
import ProviderAPI

/// Signs the requests of one service by signature version 4, each attempt anew, with the credentials of the moment.
struct Signer: RequestAuthenticator {
    let store: CredentialStore
    let service: Service
    let region: String
    let time: HTTPTime

    func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        let known = try await store.current()
        let credentials = AWSCredentials(
            accessKeyID: known.keyID, secretAccessKey: known.secret.reveal(), sessionToken: known.token?.reveal())
        let signature = SigV4(credentials: credentials, region: region, service: service.rawValue)
        signature.sign(&request, at: time.wall())
    }

    /// Credentials that ended before their time are searched anew, once.
    func refused(_ response: HTTPResponse, _ request: HTTPRequest) async throws(ProviderError) -> Bool {
        guard AWSFaults().fault(response)?.provider == .credentialsExpired else { return false }
        return store.discard(try await store.current())
    }
}
