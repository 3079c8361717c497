import AWSSigning
import HTTPKit
import HTTPProvider
import ProviderAPI

/// The clients of AWS's services, and the credentials that they sign with.
struct Services: Sendable {
    let ec2: EC2
    let route53: Route53
    let identity: Identity
    let s3: S3
    let presign: @Sendable (HTTPRequest, String, Int) async throws(ProviderError) -> HTTPURL
    let credentials: CredentialStore

    init(_ options: AWSOptions, environment: [String: String], files: SharedFiles) throws(ProviderError) {
        let client = HTTPClient(HTTPConfiguration(userAgent: "infrafs"))
        let time = HTTPTime.system
        let endpoints = options.endpoints
        let keys = SigningKeys()
        let make = { @Sendable (service: Service, store: CredentialStore?, limits: RateLimits?) -> ServiceClient in
            let region = endpoints.signingRegion(of: service)
            let signer: any RequestAuthenticator =
                store.map {
                    Signer(store: $0, service: service, region: region, time: time, keys: keys)
                        as any RequestAuthenticator
                }
                ?? Anonymous()
            return ServiceClient(
                client, retry: Self.retry, limits: limits, authenticator: signer, interpreter: AWSFaults(), time: time)
        }
        // The keys of a role are asked for with other credentials than the account's own.
        let sts = try endpoints.url(of: .sts)
        let forRole = { @Sendable (credentials: Credentials?) -> ServiceClient in
            let store = credentials.map { CredentialStore([FixedCredentials(value: $0)], now: time.wall) }
            return make(.sts, store, nil)
        }
        let roles = Identity(endpoint: sts, client: forRole, own: forRole(nil))
        let store = CredentialStore(
            Self.sources(options, environment, files, roles, local: Self.local(time)), now: time.wall)
        credentials = store
        identity = Identity(endpoint: sts, client: forRole, own: make(.sts, store, nil))
        // EC2's own buckets: 100 calls at once that read, 20 a second after; 50 and 5 for those that change.
        let limits = RateLimits(.init(rate: 20, burst: 100), groups: ["write": .init(rate: 5, burst: 50)])
        ec2 = EC2(service: make(.ec2, store, limits), endpoint: try endpoints.url(of: .ec2))
        // Route 53 takes five calls a second of an account.
        route53 = Route53(
            service: make(.route53, store, RateLimits(.init(rate: 5, burst: 5))),
            endpoint: try endpoints.url(of: .route53))
        s3 = try Self.s3(options, client, store, time, keys)
        presign = { request, region, lifetime async throws(ProviderError) in
            let signer = Signer(store: store, service: .s3, region: region, time: time, keys: keys)
            return try await signer.signer().presigned(request, expires: lifetime, at: time.wall())
        }
    }

    /// S3 signs for the region of each bucket.
    private static func s3(
        _ options: AWSOptions, _ client: HTTPClient, _ store: CredentialStore, _ time: HTTPTime,
        _ keys: SigningKeys
    ) throws(ProviderError) -> S3 {
        let url = try options.endpoints.url(of: .s3)
        let isAWS = url.host.hasSuffix(".amazonaws.com") || url.host.hasSuffix(".amazonaws.com.cn")
        let place = S3.Place(
            url: url, region: options.region, isAWS: isAWS, style: options.addressing ?? (isAWS ? .virtual : .path))
        return S3(place) { region in
            ServiceClient(
                client, authenticator: Signer(store: store, service: .s3, region: region, time: time, keys: keys),
                interpreter: S3Faults(), time: time)
        }
    }

    /// What AWS gives a reason for is final, whatever the status of the answer is: a region that has no room says so with
    /// 500. What it throttles is sent again all the same.
    private static let retry = RetryPolicy(
        attempts: 5,
        judge: { _, response in
            AWSFaults().fault(in: response)?.meaning == nil ? RetryPolicy.byStatus(response.status) : .final
        })

    /// Containers and instances are asked without a proxy.
    private static func local(_ time: HTTPTime) -> ServiceClient {
        var configuration = HTTPConfiguration(userAgent: "infrafs")
        configuration.proxy = .none
        configuration.connectTimeout = .seconds(1)
        return ServiceClient(HTTPClient(configuration), retry: .never, time: time)
    }

    /// Where credentials are looked for, in the order of AWS's own tools.
    private static func sources(
        _ options: AWSOptions, _ environment: [String: String], _ files: SharedFiles, _ roles: Identity,
        local: ServiceClient
    ) -> [any CredentialSource] {
        let container = ContainerCredentials(environment: environment, client: local)
        let instance = InstanceCredentials(environment: environment, client: local)
        let fromEnvironment = FixedCredentials(environment: environment)
        let profile = ProfileCredentials(
            files: files, name: options.profile ?? environment["AWS_PROFILE"] ?? "default",
            isNamed: options.profile != nil || environment["AWS_PROFILE"] != nil, roles: roles,
            machine: [
                "Environment": fromEnvironment, "EcsContainer": container, "Ec2InstanceMetadata": instance,
            ], process: ProcessCredentials.run)
        let configured = FixedCredentials(value: options.credentials)
        // A profile that the configuration names goes before the environment's keys.
        if options.profile != nil { return [configured, profile] }
        let webIdentity = WebIdentityCredentials(environment: environment, roles: roles)
        return [configured, fromEnvironment, webIdentity, profile, container, instance]
    }
}
