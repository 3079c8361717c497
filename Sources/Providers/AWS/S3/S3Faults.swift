import HTTPKit
import HTTPProvider
import ProviderAPI

/// What S3's own codes mean; the rest is as in AWS's other services.
struct S3Faults: FaultInterpreter {
    func fault(in response: HTTPResponse) -> ServiceFault? {
        guard var fault = AWSFaults().fault(in: response) else { return nil }
        if let meaning = Self.codes[fault.code] { fault.meaning = meaning }
        if Self.delays.contains(fault.code) { fault.isThrottling = true }
        if let advice = Self.advice[fault.code] { fault.message += " (\(advice))" }
        return fault
    }

    /// Not carried out, and worth another attempt.
    private static let delays: Set<String> = ["SlowDown", "RequestTimeout", "ServiceUnavailable", "Busy"]

    private static let codes: [String: ProviderError.Code] = [
        "AccessControlListNotSupported": .unsupported, "AccessDenied": .forbidden, "AllAccessDisabled": .forbidden,
        "AccountProblem": .forbidden, "BadDigest": .failed, "BucketAlreadyExists": .alreadyExists,
        "BucketAlreadyOwnedByYou": .alreadyExists, "BucketNotEmpty": .notEmpty,
        "ConditionalRequestConflict": .replaced, "EntityTooLarge": .tooLarge, "EntityTooSmall": .failed,
        "ExpiredToken": .credentialsExpired, "InternalError": .failed, "InvalidAccessKeyId": .credentialsRejected,
        "InvalidBucketName": .invalidValue, "InvalidBucketState": .busy, "InvalidObjectState": .busy,
        "InvalidRange": .outOfRange, "InvalidToken": .credentialsRejected, "KeyTooLongError": .nameTooLong,
        "MethodNotAllowed": .unsupported, "NoSuchBucket": .notFound, "NoSuchKey": .notFound,
        "NoSuchUpload": .failed, "NotImplemented": .unsupported, "OperationAborted": .busy,
        "PreconditionFailed": .replaced, "QuotaExceeded": .quotaExceeded,
        "RequestTimeTooSkewed": .credentialsRejected, "SignatureDoesNotMatch": .credentialsRejected,
        "TokenRefreshRequired": .credentialsExpired, "TooManyBuckets": .quotaExceeded,
    ]

    private static let advice: [String: String] = [
        "RequestTimeTooSkewed": "set this machine's clock right",
        "InvalidObjectState": "it is archived; restore it first",
        "AccessControlListNotSupported": "the bucket takes no ACLs; use a bucket policy",
    ]
}
