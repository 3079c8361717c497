/// The provider of `type: kvm`: a host with libvirt, by libvirt's own API (9.0 and later) and nothing else, so that it
/// works the same for a local socket, `qemu+ssh://`, `qemu+tcp://` and `qemu+tls://`.
///
/// Plan, profile, owner and the other fields of kcli are kept where kcli keeps them: the element `info` of the XML
/// namespace `kvirt` in the metadata of a domain or network.
public enum Libvirt {}
