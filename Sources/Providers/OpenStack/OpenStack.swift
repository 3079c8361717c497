/// An OpenStack cloud: one project of it, in one region.
///
/// API documents: Identity v3, Compute v2.1 (microversions up to 2.93), Block Storage v3 (up to 3.60), Image v2, Networking
/// v2.0, Object Store v1, DNS v2, all of https://docs.openstack.org/api-quick-start/. Services are found in the catalogue
/// that comes with the token; one that is not there is a collection that is not there.
///
/// Not supported, since OpenStack has nothing of the kind: autostart, changing a medium in a drive, pools as places of
/// their own, renaming a volume's machine, events.
public enum OpenStack {}
