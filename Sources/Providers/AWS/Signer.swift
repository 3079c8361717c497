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
    let keys: SigningKeys

    func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        let signer = try await signer()
        let payload: SigV4.Payload =
            switch request.body {
            case .none: .bytes([])
            case .bytes(let bytes): .bytes(bytes)
            case .pieces(let pieces): .hash(Checksum.sha256(pieces: pieces))
            case .stream: .unsigned
            }
        signer.sign(&request, payload, at: time.wall())
    }

    /// What signs with the credentials of the moment.
    func signer() async throws(ProviderError) -> SigV4 {
        let known = try await store.current()
        let credentials = AWSCredentials(
            accessKeyID: known.keyID, secretAccessKey: known.secret.reveal(), sessionToken: known.token?.reveal())
        return SigV4(credentials, region: region, service: service.rawValue, keys: keys)
    }

    /// Credentials that ended before their time are searched anew.
    func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool {
        guard AWSFaults().fault(in: response)?.meaning == .credentialsExpired else { return false }
        return store.discard(try await store.current())
    }
}
