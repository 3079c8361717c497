import HTTPKit
import HTTPProvider
import ProviderAPI
import XMLKit

/// What the error bodies of AWS's XML services say: code, words and the number of the request.
struct AWSFaults: FaultInterpreter {
    func fault(in response: HTTPResponse) -> ServiceFault? {
        guard let document = try? XMLElement(parsing: response.body) else { return nil }
        // EC2: Response/Errors/Error. STS and Route 53: ErrorResponse/Error. S3: Error.
        let error = document.first("Errors/Error") ?? document.first("Error") ?? document
        let number = document.text("RequestID") ?? document.text("RequestId") ?? response.headers.requestID
        guard let code = error.text("Code") else { return Self.batch(document, number) }
        return ServiceFault(
            code: code, message: error.text("Message") ?? "", requestID: number, meaning: Self.meaning(of: code),
            isThrottling: Self.throttling.contains(code))
    }

    /// Route 53 refuses a batch by a document of its own: its name is the code.
    private static func batch(_ document: XMLElement, _ number: String?) -> ServiceFault? {
        guard document.localName == "InvalidChangeBatch" else { return nil }
        let words = document.all("Messages/Message").map(\.text).joined(separator: " ")
        return ServiceFault(
            code: document.localName, message: words, requestID: number, meaning: .invalidValue)
    }

    /// The code of ours for one of AWS's; nil where the status of the answer says enough.
    static func meaning(of code: String) -> ProviderError.Code? {
        if let code = codes[code] { return code }
        if throttling.contains(code) { return .throttled }
        for (end, meaning) in endings where code.hasSuffix(end) { return meaning }
        for (start, meaning) in beginnings where code.hasPrefix(start) { return meaning }
        return nil
    }

    /// Not carried out: it may be sent again whatever it is.
    static let throttling: Set<String> = [
        "RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "EC2ThrottledException", "TooManyRequestsException", "SlowDown",
        "BandwidthLimitExceeded", "PriorRequestNotComplete", "ConcurrentTagAccess",
    ]

    private static let endings: [(String, ProviderError.Code)] = [
        (".NotFound", .notFound), (".Malformed", .invalidValue), (".Duplicate", .alreadyExists), (".InUse", .busy),
        (".Unavailable", .notFound), (".NotSupported", .unsupported), ("LimitExceeded", .quotaExceeded),
        ("AlreadyExists", .alreadyExists), ("NotFound", .notFound),
    ]

    private static let beginnings: [(String, ProviderError.Code)] = [
        ("Insufficient", .noSpace), ("NoSuch", .notFound), ("Unsupported", .unsupported), ("Invalid", .invalidValue),
        ("Missing", .invalidValue), ("Incorrect", .busy),
    ]

    private static let codes: [String: ProviderError.Code] = [
        // Who asks.
        "AuthFailure": .credentialsRejected, "SignatureDoesNotMatch": .credentialsRejected,
        "InvalidClientTokenId": .credentialsRejected, "InvalidAccessKeyId": .credentialsRejected,
        "UnrecognizedClientException": .credentialsRejected, "IncompleteSignature": .credentialsRejected,
        "InvalidSignatureException": .credentialsRejected, "NotAuthorized": .credentialsRejected,
        "RequestTimeTooSkewed": .credentialsRejected,
        "InvalidToken": .credentialsRejected, "InvalidIdentityToken": .credentialsRejected,
        "ExpiredToken": .credentialsExpired, "ExpiredTokenException": .credentialsExpired,
        // EC2 says so of temporary credentials that have ended, and of a clock that is late.
        "TokenRefreshRequired": .credentialsExpired, "RequestExpired": .credentialsExpired,
        "MissingAuthenticationToken": .credentialsMissing, "MissingAuthenticationTokenException": .credentialsMissing,
        // Whether it may.
        "UnauthorizedOperation": .forbidden, "AccessDenied": .forbidden, "AccessDeniedException": .forbidden,
        "OptInRequired": .forbidden, "PendingVerification": .forbidden, "Blocked": .forbidden,
        "OperationNotPermitted": .notPermitted, "CannotDelete": .notPermitted,
        // What is in the way.
        "DependencyViolation": .busy, "VolumeInUse": .busy, "VolumeModificationRateExceeded": .busy,
        "VolumeModificationSizeLimitExceeded": .outOfRange, "ConcurrentSnapshotLimitExceeded": .busy,
        "SnapshotCreationPerVolumeRateExceeded": .busy, "Resource.AlreadyAssociated": .busy,
        "InvalidAttachment.NotFound": .busy, "InvalidVolume.ZoneMismatch": .invalidValue,
        "HostedZoneNotEmpty": .notEmpty, "ConflictingDomainExists": .alreadyExists,
        "DelegationSetNotAvailable": .quotaExceeded,
        // How much there is.
        "TooManyHostedZones": .quotaExceeded, "LimitsExceeded": .quotaExceeded,
        "MaxSpotInstanceCountExceeded": .quotaExceeded, "SpotMaxPriceTooLow": .outOfRange,
        "InsufficientFreeAddressesInSubnet": .noSpace,
        // What is asked for.
        "UnknownParameter": .invalidValue, "ValidationError": .invalidValue, "MalformedPolicyDocument": .invalidValue,
        "IdempotentParameterMismatch": .failed, "DryRunOperation": .failed, "NotImplemented": .unsupported,
        "InvalidAction": .unsupported, "InvalidInstanceAttributeValue": .invalidValue,
    ]
}
