import ProviderAPI
import XMLKit

extension S3 {
    /// Whether everybody may list a bucket by its ACL, where that is heeded, or has a part in it by its policy; nil where
    /// neither is told (GetBucketAcl, GetPublicAccessBlock, GetBucketPolicyStatus).
    func isPublic(_ bucket: String) async throws(ProviderError) -> Bool? {
        let what = "read who may read the bucket \(bucket)"
        let isGranted = try await access(S3Call(bucket: bucket, query: [("acl", nil)]), to: what).map(Self.letsAllRead)
        if isGranted == true {
            let block = try await access(S3Call(bucket: bucket, query: [("publicAccessBlock", nil)]), to: what)
            if block?.text("IgnorePublicAcls") != "true" { return true }
        }
        let policy = try await access(S3Call(bucket: bucket, query: [("policyStatus", nil)]), to: what)
        // AWS writes TRUE in its documents and true in its answers.
        return policy?.text("IsPublic").map { $0.lowercased() == "true" } ?? isGranted.map { _ in false }
    }

    /// Whether everybody may read an object by its ACL; nil where that is not told (GetObjectAcl).
    func isPublic(_ key: String, in bucket: String) async throws(ProviderError) -> Bool? {
        let call = S3Call(bucket: bucket, key: key, query: [("acl", nil)])
        return try await access(call, to: "read who may read \(bucket)/\(key)").map(Self.letsAllRead)
    }

    /// A document about who may do what; nil where there is none, or none for whoever asks.
    private func access(_ call: S3Call, to what: String) async throws(ProviderError) -> XMLElement? {
        do throws(ProviderError) {
            return try await xml(call, to: what)
        } catch {
            switch error.code {
            case .notFound, .forbidden, .unsupported, .invalidValue, .malformedReply: return nil
            default: throw error
            }
        }
    }

    private static func letsAllRead(_ policy: XMLElement) -> Bool {
        policy.all("AccessControlList/Grant").contains { grant in
            let permission = grant.text("Permission")
            return grant.text("Grantee/URI") == "http://acs.amazonaws.com/groups/global/AllUsers"
                && (permission == "READ" || permission == "FULL_CONTROL")
        }
    }
}
