# Snapshots from drafts, clones and exports, by files alone; qemu-img agrees.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
make_guest sn1
vm=$P/vms/sn1

# Inside the volume.
mkdir "$vm/snapshots/inside"
virsh snapshot-list sn1 --name | has '^inside$'
qemu-img snapshot -l "$pool/sn1_0.img" | has inside
rmdir "$vm/snapshots/inside"

# Outside, one on the other.
mkdir "$P/drafts/snapshots/first"
echo yes > "$P/drafts/snapshots/first/external"
mv "$P/drafts/snapshots/first" "$vm/snapshots/first"
mkdir "$P/drafts/snapshots/second"
echo yes > "$P/drafts/snapshots/second/external"
echo "before the upgrade" > "$P/drafts/snapshots/second/description"
mkdir "$P/drafts/snapshots/odd"
fsop create "$P/drafts/snapshots/odd/memory" > /dev/null
expect EINVAL write "$P/drafts/snapshots/odd/memory" maybe
rm -r "$P/drafts/snapshots/odd"
mv "$P/drafts/snapshots/second" "$vm/snapshots/second"
is "$(cat "$vm/snapshots/second/description")" "before the upgrade"
is "$(cat "$vm/snapshots/second/parent")" first
is "$(cat "$vm/disks/vda/path")" "$pool/sn1_0.img.second"
refuses test -e "$P/drafts/snapshots/second"
expect ENOTEMPTY rmdir "$vm"
qemu-io -c 'write -P 9 0 64k' "$pool/sn1_0.img.second" > /dev/null
echo second > "$vm/revert"
is "$(cat "$vm/snapshots/second/current")" yes
refuses qemu-io -c 'read -P 9 0 64k' "$(cat "$vm/disks/vda/path")" > /dev/null
# The second is on a branch that is left: to merge the first would change what it is built on.
echo first > "$vm/revert"
qemu-io -c 'write -P 5 0 64k' "$(cat "$vm/disks/vda/path")" > /dev/null
expect EBUSY rmdir "$vm/snapshots/first"
has "is built on" "$P/errors"
is "$(virsh snapshot-list sn1 --name | sed '/^$/d' | sort | xargs)" "first second"
echo second > "$vm/revert"
refuses qemu-io -c 'read -P 5 0 64k' "$(cat "$vm/disks/vda/path")" > /dev/null
rmdir "$vm/snapshots/second"
is "$(cat "$vm/disks/vda/path")" "$pool/sn1_0.img.first"
rmdir "$vm/snapshots/first"
is "$(cat "$vm/disks/vda/path")" "$pool/sn1_0.img"
is "$(virsh snapshot-list sn1 --name | sed '/^$/d')" ""

# Copies.
echo "sn2 full" > "$vm/clone"
within 60 test -d "$P/vms/sn2"
qemu-img compare "$pool/sn2_0.img" "$pool/sn1_0.img"
refuses cmp -s "$vm/nics/eth0/mac" "$P/vms/sn2/nics/eth0/mac"
echo gold > "$vm/export"
within 60 test -d "$P/images/gold"
qemu-img compare "$pool/gold" "$pool/sn1_0.img"
# A linked one builds on what its original builds on, has all that was written a moment ago, and nothing after.
cat "$vm/info" > /dev/null
qemu-io -c 'write -P 7 1M 9M' -c 'write -P 8 15M 64k' "$pool/sn1_0.img" > /dev/null
echo sn4 > "$vm/clone"
within 60 test -d "$P/vms/sn4"
qemu-io -c 'write -P 9 1M 9M' "$pool/sn1_0.img" > /dev/null
holds() { qemu-io "${@:2}" -r -c 'read -P 7 1M 9M' -c 'read -P 8 15M 64k' "$1" > /dev/null; }
is "$(qemu-img info "$pool/sn4_0.img" | sed -n 's/^backing file: //p')" "$pool/guest.qcow2"
qemu-img check -q "$pool/sn4_0.img"
holds "$pool/sn4_0.img"
refuses holds "$pool/sn1_0.img"
rmdir "$P/vms/sn4"
qemu-io -c 'write -P 7 1M 9M' "$pool/sn1_0.img" > /dev/null
echo "sn4 start" > "$vm/clone"
within 60 reads "$P/vms/sn4/status" up
# QEMU has the file: whoever reads it too says so.
holds "$pool/sn4_0.img" -U
echo down > "$P/vms/sn4/status"
holds "$pool/sn4_0.img"
mv "$P/vms/sn2" "$P/vms/sn3"
rmdir "$P/vms/sn3" "$P/vms/sn4" "$vm" "$P/images/gold"
refuses ls "$pool"/sn* "$pool/gold"
