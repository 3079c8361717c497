public import ProviderAPI

extension AWS {
    /// The registration of `type: aws`.
    public static let registration = ProviderRegistration(
        type: "aws", help: "Amazon Web Services: EC2, EBS, VPC, S3 and Route 53 of one account in one region",
        options: options, operations: AWSProvider.allOperations
    ) { settings throws(ProviderError) in
        try AWSProvider(settings)
    }

    static let options: [ProviderOption] = [
        ProviderOption(
            "access_key_id", .text, "the id of an access key",
            standard: "AWS's own chain: environment, profile, container, instance"),
        ProviderOption("access_key_secret", .secret, "its secret"),
        ProviderOption("session_token", .secret, "the token of temporary credentials"),
        ProviderOption(
            "profile", .text, "the profile of ~/.aws/config and ~/.aws/credentials", standard: "AWS_PROFILE or default"),
        ProviderOption(
            "region", .text, "the region", standard: "AWS_REGION, the profile's, else \(AWSOptions.standardRegion)"),
        ProviderOption("zone", .text, "the availability zone of what is made", standard: "EC2's choice"),
        ProviderOption("keypair", .text, "the EC2 key pair of new machines"),
        ProviderOption(
            "addressing_style", .text, "how the addresses of buckets are made: virtual (in the host name) or path",
            standard: "virtual for AWS, path for others"),
        ProviderOption(
            "images", .list,
            "images of others to list and to name, each OWNER/PATTERN (amazon/al2023-ami-2023.*-x86_64)",
            standard: "the account's own"),
        ProviderOption(
            "endpoint_url", .textOrMap, "one address, or one for each of ec2, s3, route53, sts", standard: "AWS's own"),
    ]
}
