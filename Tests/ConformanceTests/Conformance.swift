import Testing

/// One suite over every registered provider. Its tests run one after the other: a platform may be shared by all
/// connections of a process, as libvirt's simulation is, and a pool or a machine that one test makes is seen by the rest.
@Suite(.serialized) enum Conformance {}
