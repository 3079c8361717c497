/// The kinds of resource a provider can hold; each is a collection of the tree, a directory of that name.
public enum Kind: String, Sendable, CaseIterable, Hashable {
    case vms, disks, pools, networks, subnets, images, isos, flavors, buckets
    case securityGroups = "security_groups"
    case dns

    /// One of them, as a person says it ("virtual machine", "security group").
    public var singular: String {
        switch self {
        case .vms: "virtual machine"
        case .disks: "disk"
        case .pools: "storage pool"
        case .networks: "network"
        case .subnets: "subnet"
        case .images: "image"
        case .isos: "ISO image"
        case .flavors: "flavor"
        case .buckets: "bucket"
        case .securityGroups: "security group"
        case .dns: "DNS zone"
        }
    }
}

/// The platform's own identity of a resource: what stays the same when its name changes.
public struct Identifier<Owner>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As the platform writes it (a libvirt UUID, an EC2 instance id).
    public let rawValue: String

    /// Wraps the platform's own id.
    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The platform's own id.
    public var description: String { rawValue }

    /// Byte order of the ids; it makes listings stable.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What every resource of every kind has.
public protocol Resource: Sendable, Hashable, Identifiable where ID == Identifier<Self> {
    /// What a user can ask to be changed in it.
    associatedtype Change: ResourceChange

    /// The collection it belongs to.
    static var kind: Kind { get }
    /// The platform's own identity.
    var id: Identifier<Self> { get }
    /// The platform's own name, as it is; two resources may share one.
    var name: String { get }
    /// Why it could not be read whole; nil when it could. Such a resource is listed all the same.
    var fault: String? { get }
    /// Whether everything the platform tells is here. A bulk listing may leave out what costs a call a resource;
    /// ``CollectionService/items(_:)`` then completes it.
    var isComplete: Bool { get }
    /// The other resources that a change of it has an effect on; nil is its deletion, or a write of its content.
    func affected(by change: Change?) -> [AffectedResource]
}

extension Resource {
    /// A resource is complete unless its type says otherwise.
    public var isComplete: Bool { true }
}

/// A change of one resource, as a value: what the tree parses, the provider carries out and the audit trail keeps.
public protocol ResourceChange: Sendable, Hashable {
    /// The operation a provider must support to carry it out.
    var operation: Operation { get }
}

/// The change of a kind that has none.
public enum NoChange: ResourceChange {
    /// Never called: the type has no values.
    public var operation: Operation {
        switch self {}
    }
}
