# Pools that are no directory of the host's: a file system and a volume group on devices, made through the tree; and what a
# pool has no room for, which is ENOSPC and leaves nothing.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
allow_errors lab
mount_lab
# In the file systems of the private libvirtd.
within_host() { nsenter -t "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")" --mount "$@"; }
end_pools() {
    local name
    end_guests
    for name in fspool diskpool vgpool; do
        command virsh -q -c "$INFRAFS_TEST_LIBVIRT" pool-destroy "$name"
        command virsh -q -c "$INFRAFS_TEST_LIBVIRT" pool-undefine "$name"
    done > /dev/null 2>&1
}
device() {
    truncate -s "$2" "$1"
    losetup --find --show "$1"
}

# What does not fit together is refused by words; what this libvirt was not built with is unsupported; and a server that
# does not answer leaves nothing.
# describe DRAFT FILE=VALUE...
describe() {
    local pair
    mkdir "$1"
    for pair in "${@:2}"; do printf '%s\n' "${pair#*=}" > "$1/${pair%%=*}"; done
}
# wrong ERRNO WORDS FILE=VALUE...
wrong() {
    local draft=$P/drafts/pools/wrong
    describe "$draft" "${@:3}"
    expect "$1" rename "$draft" "$P/pools/wrong"
    tail -n 1 "$P/errors" | has "$2" || fail "'$(tail -n 1 "$P/errors")' does not say: $2"
    is "$(cat "$draft/type")" "${3#*=}"
    rm -r "$draft"
    refuses test -e "$P/pools/wrong"
    is "$(virsh pool-list --all --name | grep -c wrong || true)" 0
}
wrong ECANCELED 'takes no source_host' type=dir source_host=nas
wrong ECANCELED 'needs source_device' type=fs source_format=ext4
wrong ECANCELED 'needs source_dir' type=netfs source_host=127.0.0.1
wrong ECANCELED 'has one source_device' type=disk $'source_device=/dev/a\n/dev/b'
wrong ECANCELED 'source_username needs source_secret' type=iscsi source_host=127.0.0.1 source_device=iqn.2004-10.a:b \
    source_username=me
wrong ECANCELED 'takes no build' type=mpath build=yes
virsh pool-capabilities | has "type='zfs' supported='no'"
wrong EOPNOTSUPP zfs type=zfs source_name=tank
wrong EIO 'onnection refused\|mount' type=netfs source_host=127.0.0.1 source_dir=/srv "path=$T/netfs"

# A pool shows its source, and its files are a draft of it.
cat > shown.xml <<X
<pool type='iscsi'><name>shown</name><source><host name='san.example' port='3261'/>
  <device path='iqn.2004-10.example:disks'/><auth type='chap' username='me'>
  <secret uuid='2ec115d7-3a88-3ceb-bc12-0ac909a6fd87'/></auth><initiator><iqn name='iqn.2004-10.example:me'/></initiator>
  </source><target><path>/dev/disk/by-path</path></target></pool>
X
at_end 'command virsh -q -c "$INFRAFS_TEST_LIBVIRT" pool-undefine shown > /dev/null 2>&1'
virsh pool-define shown.xml > /dev/null
pool=$P/pools/shown
within 20 test -d "$pool"
is "$(cat "$pool/status") $(cat "$pool/source_host") $(cat "$pool/source_device")" \
    "down san.example:3261 iqn.2004-10.example:disks"
is "$(cd "$pool" && echo source_*)" "source_device source_host source_initiator source_secret source_username"
expect ENOENT read "$pool/source_dir"
is "$(cd "$P/pools/default" && echo source_*)" 'source_*'
cp -r "$pool" "$P/drafts/pools/shown2"
has 'source_host' < "$P/drafts/pools/shown2/.plan"
rm -r "$P/drafts/pools/shown2"
rmdir "$pool"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' pool-info shown 2> /dev/null"

# A file system, made on a device.
disk=$(device fs.img 40M)
at_end "losetup -d $disk"
at_end end_pools
draft=$P/drafts/pools/fspool
mkdir "$draft"
echo fs > "$draft/type"
echo "$T/fspool" > "$draft/path"
expect ECANCELED rename "$draft" "$P/pools/fspool"
echo "$disk" > "$draft/source_device"
echo ext4 > "$draft/source_format"
echo yes > "$draft/build"
mv "$draft" "$P/pools/fspool"
pool=$P/pools/fspool
is "$(cat "$pool/type") $(cat "$pool/status") $(cat "$pool/path")" "fs up $T/fspool"
is "$(within_host findmnt -nro SOURCE,FSTYPE "$T/fspool")" "$disk ext4"
is "$(cat "$pool/capacity")" "$(virsh pool-info fspool --bytes | sed -n 's/^Capacity: *//p')"
# libvirt lists what mkfs left there.
virsh vol-list fspool | has lost+found
is "$(ls "$P/disks" "$P/images" | grep -c lost+found || true)" 0
# Nobody's file system is made anew.
describe "$draft" type=fs "source_device=$disk" source_format=ext4 build=yes "path=$T/other"
differs "$(fsop rename "$draft" "$P/pools/fspool2")" ok
refuses test -d "$P/pools/fspool2"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' pool-info fspool2 2> /dev/null"
rm -r "$draft"

# Full: each of these takes more than there is.
content() { virsh vol-list fspool | awk 'NF && $1 !~ /^(lost\+found|filler)$/ { print $1 }' | paste -sd ' '; }
free() { within_host df --output=avail -k "$T/fspool" | tail -n 1; }
# full PATH OPERATION...: ENOSPC, its reason is on record, and there is what was there.
full() {
    local before
    before=$(content)
    expect ENOSPC "$@"
    tail -n 1 "$P/errors" | has "ENOSPC.*\(full\|no room\)"
    is "$(content)" "$before"
}
mkdir "$P/drafts/disks/fat"
echo 1 > "$P/drafts/disks/fat/size"
echo fspool > "$P/drafts/disks/fat/pool"
echo no > "$P/drafts/disks/fat/thin"
full rename "$P/drafts/disks/fat" "$P/disks/fat"
rm -r "$P/drafts/disks/fat"
mkdir www
head -c 60M /dev/urandom > www/big
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory www 0 > served 2> requests &
at_end "kill $!"
within 10 grep -q port served
mkdir "$P/drafts/images/loaded"
echo fspool > "$P/drafts/images/loaded/pool"
echo "http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' served)/big" > "$P/drafts/images/loaded/url"
full rename "$P/drafts/images/loaded" "$P/images/loaded"
rm -r "$P/drafts/images/loaded"
mkdir "$P/drafts/images/written"
echo fspool > "$P/drafts/images/written/pool"
mv "$P/drafts/images/written" "$P/images/written"
full write-file "$P/images/written/data" www/big
rmdir "$P/images/written"
is "$(content)" ""

# A machine there: its copies, its snapshots, and its own disk.
draft=$P/drafts/vms/full1
mkdir -p "$draft/disks/vda"
echo guest.qcow2 > "$draft/image"
echo 160 > "$draft/memory"
echo 1 > "$draft/cpus"
echo no > "$draft/start"
echo fspool > "$draft/pool"
echo 1 > "$draft/disks/vda/size"
mv "$draft" "$P/vms/full1"
vm=$P/vms/full1
is "$(cat "$vm/disks/vda/pool") $(content)" "fspool full1_0.img"
within_host qemu-io -c 'write -P 7 200M 12M' "$T/fspool/full1_0.img" > /dev/null
# What makes room later.
within_host fallocate -l 12M "$T/fspool/filler"
room=$(free)
full write "$vm/clone" "full2 full"
full write "$vm/clone" full2
full write "$vm/export" full-gold
is "$(ls "$P/vms") $(free)" "full1 $room"
echo up > "$vm/status"
serial_of "$vm" serial
within 90 grep -q 'guest: ready' serial
mkdir "$P/drafts/snapshots/outside"
echo yes | tee "$P/drafts/snapshots/outside/external" > "$P/drafts/snapshots/outside/memory"
full rename "$P/drafts/snapshots/outside" "$vm/snapshots/outside"
full mkdir "$vm/snapshots/inside"
is "$(ls "$vm/snapshots")$(virsh snapshot-list full1 | sed '/^ *$/d')" ""
reads "$vm/status" up
# The guest's own disk: it is stopped by libvirt, and goes on where there is room again.
exec 5<> "$vm/.serial"
echo 'dd if=/dev/urandom of=/dev/vda bs=1M seek=300 count=10 conv=fsync 2> /dev/null; echo $((20 + 2))-written' >&5
within 60 reads "$vm/status" paused
reads "$vm/raw_status" "paused (I/O error)"
domain_is full1 paused
within_host rm "$T/fspool/filler"
virsh pool-refresh fspool
echo up > "$vm/status"
timeout 60 grep -am 1 '^22-written' <&5 > /dev/null
exec 5>&-
within 10 reads "$vm/status" up
echo down > "$vm/status"
rmdir "$vm"
is "$(content)" ""
rmdir "$pool"
refuses within_host findmnt -n "$T/fspool"

# A partition table, made on a device.
truncate -s 3G disk.img
disk=$(losetup --find --show --partscan disk.img)
at_end "losetup -d $disk"
draft=$P/drafts/pools/diskpool
describe "$draft" type=disk "source_device=$disk" source_format=gpt build=yes
mv "$draft" "$P/pools/diskpool"
pool=$P/pools/diskpool
is "$(cat "$pool/type") $(cat "$pool/status") $(cat "$pool/path")" "disk up /dev"
is "$(cat "$pool/source_device") $(cat "$pool/source_format")" "$disk gpt"
is "$(cat "$pool/capacity")" "$(virsh pool-info diskpool --bytes | sed -n 's/^Capacity: *//p')"
# Its volumes are partitions, which libvirt names.
part=${disk##*/}p
describe "$P/drafts/disks/mine" pool=diskpool size=1
expect ECANCELED rename "$P/drafts/disks/mine" "$P/disks/mine"
tail -n 1 "$P/errors" | has "the next one ${part}1"
is "$(virsh vol-list diskpool | sed '/^ *$/d')" ""
mv "$P/drafts/disks/mine" "$P/disks/${part}1"
virsh vol-list diskpool | has "${part}1 */dev/${part}1"
is "$(cat "$P/disks/${part}1/size") $(cat "$P/disks/${part}1/pool")" "1 diskpool"
head -c 2M /dev/urandom > content
dd if=content of="$P/disks/${part}1/data" bs=1M conv=notrunc status=none
cmp -n 2M content "/dev/${part}1"
draft=$P/drafts/vms/parted1
mkdir -p "$draft/disks/vda"
echo 160 > "$draft/memory"
echo no > "$draft/start"
echo diskpool > "$draft/disks/vda/pool"
echo 1 > "$draft/disks/vda/size"
mv "$draft" "$P/vms/parted1"
is "$(cat "$P/vms/parted1/disks/vda/path") $(virsh domblklist parted1 | awk '$1 == "vda" { print $2 }')" \
    "/dev/${part}2 /dev/${part}2"
expect EBUSY rmdir "$P/disks/${part}2"
describe "$P/drafts/disks/large" pool=diskpool size=2
expect ENOSPC rename "$P/drafts/disks/large" "$P/disks/${part}3"
rm -r "$P/drafts/disks/large"
is "$(virsh vol-list diskpool | awk 'NF { print $1 }' | paste -sd ' ')" "${part}1 ${part}2"
cmp -n 2M content "/dev/${part}1"
# libvirt asks parted for a partition `p1` of a device whose name ends in a digit, and there is none.
virsh undefine parted1 > /dev/null
within 20 refuses test -e "$P/vms/parted1"
expect EIO rmdir "$P/disks/${part}1"
parted -s "$disk" rm 1 rm 2
virsh pool-refresh diskpool > /dev/null
within 20 bash -c "! ls '$P/disks' | grep -q '^$part'"
rmdir "$pool"

# A volume group, made on a device.
disk=$(device vg.img 80M)
at_end "losetup -d $disk"
draft=$P/drafts/pools/vgpool
describe "$draft" type=logical "source_device=$disk" "source_name=infrafs-test-$$" build=yes
at_end "vgremove -f infrafs-test-$$ > /dev/null 2>&1"
mv "$draft" "$P/pools/vgpool"
pool=$P/pools/vgpool
is "$(cat "$pool/type") $(cat "$pool/status") $(cat "$pool/path")" "logical up /dev/infrafs-test-$$"
is "$(cat "$pool/available")" "$(virsh pool-info vgpool --bytes | sed -n 's/^Available: *//p')"
is "$(vgs --noheadings -o pv_name "infrafs-test-$$" 2> /dev/null | tr -d ' ')" "$disk"
echo down > "$pool/status"
virsh pool-info vgpool | has 'State: *inactive'
echo up > "$pool/status"
mkdir "$P/drafts/disks/lv"
echo 1 > "$P/drafts/disks/lv/size"
echo vgpool > "$P/drafts/disks/lv/pool"
# More than the group has, or a kernel without a device mapper: either way the volume is not there.
differs "$(fsop rename "$P/drafts/disks/lv" "$P/disks/lv")" ok
rm -r "$P/drafts/disks/lv"
refuses test -e "$P/disks/lv"
is "$(virsh vol-list vgpool | sed '/^ *$/d')" ""
rmdir "$pool"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' pool-info vgpool 2> /dev/null"
vgs "infrafs-test-$$" > /dev/null 2>&1
