# What a machine went on in and left goes with the snapshots; what anybody made, or took out of the machine, stays.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
leave_nothing() { rm -f "$pool"/lb1* "$pool"/data[12] && virsh pool-refresh default > /dev/null; }
at_end leave_nothing
make_guest lb1
vm=$P/vms/lb1
# What libvirt takes long for goes on after the command.
has_volumes() { [ "$(ls "$pool" | grep -E '^(lb|data)' | xargs)" = "$1" ]; }
holds() { within 60 has_volumes "$1"; }
external() {
    mkdir "$P/drafts/snapshots/$1"
    echo yes > "$P/drafts/snapshots/$1/external"
    mv "$P/drafts/snapshots/$1" "$vm/snapshots/$1"
}
add_disk() {
    mkdir "$P/drafts/disks/$1"
    echo 1 > "$P/drafts/disks/$1/size"
    mv "$P/drafts/disks/$1" "$P/disks/$1"
    mv "$P/disks/$1" "$vm/disks/$2"
}

# To go back inside a volume that another snapshot froze would be the end of that one.
mkdir "$vm/snapshots/inside"
external outside
expect EBUSY write "$vm/revert" inside
has "outside" "$P/errors"
expect EBUSY rename "$vm/disks/vda" "$P/disks/vda"
holds "lb1_0.img lb1_0.img.outside"

# Back before what is inside the volume that was gone on in: that goes with the last snapshot that is in it.
mkdir "$vm/snapshots/within"
qemu-img snapshot -l "$pool/lb1_0.img.outside" | has within
echo outside > "$vm/revert"
within 60 reads "$vm/disks/vda/path" "$pool/lb1_0.img.outside-2"
echo within > "$vm/revert"
within 60 reads "$vm/disks/vda/path" "$pool/lb1_0.img.outside"
holds "lb1_0.img lb1_0.img.outside"
echo outside > "$vm/revert"
rmdir "$vm/snapshots/within"
holds "lb1_0.img lb1_0.img.outside-2"
rmdir "$vm/snapshots/inside" "$vm/snapshots/outside"
holds "lb1_0.img"

# A disk that was taken out stays, whatever is inside it; so does one that came after the snapshot that is gone back to.
add_disk data1 vdb
mkdir "$vm/snapshots/two"
mv "$vm/disks/vdb" "$P/disks/"
add_disk data2 vdb
echo two > "$vm/revert"
holds "data1 data2 lb1_0.img"
rmdir "$vm/snapshots/two"
holds "data1 data2 lb1_0.img"

# The same where virsh took it out.
mkdir "$vm/snapshots/three"
virsh detach-disk lb1 vdb --config
rmdir "$vm/snapshots/three"
holds "data1 data2 lb1_0.img"

# Nor does one go that was made for the machine itself, taken out or made after the snapshot.
mkdir "$vm/disks/vdb"
mkdir "$vm/snapshots/four"
mv "$vm/disks/vdb" "$P/disks/"
mkdir "$vm/disks/vdb"
is "$(cat "$vm/disks/vdb/path")" "$pool/lb1_2.img"
echo four > "$vm/revert"
is "$(cat "$vm/disks/vdb/path")" "$pool/lb1_1.img"
rmdir "$vm/snapshots/four"
holds "data1 data2 lb1_0.img lb1_1.img lb1_2.img"
rmdir "$vm"
holds "data1 data2 lb1_2.img"
