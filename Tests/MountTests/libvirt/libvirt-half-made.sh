# The daemon is killed with -9 in the middle of each kind of change: after the restart it is done or nothing of it is left,
# nothing half-made counts as whole, the draft can be moved again, and what was acknowledged before is all there.
# Limit: 400 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
mount_gated
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
config=$(cat "$XDG_CONFIG_HOME/infrafs/config.yaml")
make_guest hm1
vm=$P/vms/hm1
echo 'acknowledged' > "$vm/description"
echo blue > "$vm/metadata/team"
mkdir "$vm/disks/vdb"

inventory() {
    names list
    volumes
    virsh snapshot-list hm1 --name | sed '/^ *$/d'
    virsh dumpxml hm1 --inactive
    ls "$pool"
    for which in net pool; do virsh $which-list --all; done
    for name in $(names net-list); do
        virsh net-dumpxml "$name" --inactive
        virsh net-dumpxml "$name"
    done
}
agrees() {
    [ "$(ls "$P/vms")" = "$(names list)" ] && [ "$(ls "$P/disks")" = "$(volumes)" ] &&
        [ "$(ls "$P/networks")" = "$(names net-list)" ] && [ "$(ls "$P/pools")" = "$(names pool-list)" ]
}
settled() {
    virsh pool-refresh default && [ -z "$(ls "$XDG_STATE_HOME/infrafs/lab/unfinished" 2> /dev/null)" ] &&
        { [ "$(inventory)" = "$before" ] || eval "$check"; }
}
count() { grep -c '^signal' "$T/control.log" || true; }

# killed NAME PROCEDURE CHECK OPERATION...: the daemon is killed once libvirtd has that request; CHECK is a command that
# finds the operation's whole effect.
killed() {
    local name=$1 procedure=$2 check=$3 before signals got
    shift 3
    virsh pool-refresh default
    before=$(inventory)
    touch "$T/control.log"
    signals=$(count)
    order signal "$procedure" KILL "$DAEMON"
    got=$(fsop "$@")
    within 20 is_gone "$DAEMON"
    [ "$(count)" -gt "$signals" ] || fail "$name: the daemon was not hit; the answer was $got"
    wait "$DAEMON" 2> /dev/null || true
    DAEMON=
    order open
    # libvirt goes on with what it was asked for.
    matches "$got" '^(ENOTCONN|ECONNABORTED|EIO)$'
    mount_config <<< "$config"
    within 20 is_up
    if ! (within 60 settled) 2> /dev/null; then
        ls -l "$XDG_STATE_HOME/infrafs/lab/unfinished" >&2 || true
        diff <(echo "$before") <(inventory) >&2 || fail "$name left something half-made"
    fi
    within 10 agrees
    is "$(cat "$vm/description") $(cat "$vm/metadata/team")" "acknowledged blue"
    for disk in vda vdb; do test -s "$vm/disks/$disk/size"; done
    echo "$name: $(if eval "$check" > /dev/null 2>&1; then echo "done"; else echo nothing; fi)" >&2
}

# create PROCEDURE: a machine with a disk from an image, an empty one and a disc for its first boot.
create() {
    local draft=$P/drafts/vms/hm2
    mkdir -p "$draft/disks/a" "$draft/disks/b"
    echo guest.qcow2 > "$draft/disks/a/image"
    echo 1 > "$draft/disks/b/size"
    echo yes > "$draft/cloudinit"
    echo 128 > "$draft/memory"
    killed "create a machine ($1)" "$1" 'is_whole' rename "$draft" "$P/vms/hm2"
    # What was prepared is there where it did not come to be, and comes to be the second time.
    if [ ! -d "$P/vms/hm2" ]; then mv "$draft" "$P/vms/hm2"; fi
    is_whole
    is "$(cat "$P/vms/hm2"/disks/*/size | wc -l)" 2
    virsh destroy hm2 > /dev/null 2>&1 || true
    within 10 reads "$P/vms/hm2/status" down
    rmdir "$P/vms/hm2"
    rm -rf "$draft"
    is "$(volumes)" "$kept"
}
is_whole() { [ "$(virsh domblklist hm2 | grep -c "$pool")" = 3 ]; }
kept=$(volumes)
# The procedures of libvirt's remote_protocol.x: making a volume 93, upload 208, define 11, start 9, copying a volume 125.
for procedure in 93 208 11 9; do create $procedure; done

# A machine for which a network keeps an address: both, or neither.
keeps() { virsh net-dumpxml default "$@" | has "ip='192.168.213.9'"; }
for procedure in 291 11; do
    draft=$P/drafts/vms/hm2
    mkdir -p "$draft/nics/eth0"
    printf '%s\n' default > "$draft/nics/eth0/network"
    echo 192.168.213.9 > "$draft/nics/eth0/ip"
    echo no > "$draft/start"
    killed "create a machine with an address ($procedure)" $procedure \
        'names list | has hm2 && keeps && keeps --inactive' rename "$draft" "$P/vms/hm2"
    if [ ! -d "$P/vms/hm2" ]; then mv "$draft" "$P/vms/hm2"; fi
    keeps && keeps --inactive
    rmdir "$P/vms/hm2"
    rm -rf "$draft"
    refuses keeps
    is "$(volumes)" "$kept"
done
make_guest hm5
killed "remove a machine" 231 '! names list | has hm5 && ! volumes | has hm5' rmdir "$P/vms/hm5"
if [ -d "$P/vms/hm5" ]; then rmdir "$P/vms/hm5"; fi
is "$(volumes)" "$kept"

qemu-io -c 'write -P 7 0 16M' "$(cat "$vm/disks/vda/path")" > /dev/null
copied() { [ "$(virsh domblklist hm3 | grep -c "$pool")" = 2 ] && qemu-img compare -q "$pool/hm1_0.img" "$pool/hm3_0.img"; }
for procedure in 125 11; do
    killed "clone ($procedure)" $procedure copied write "$vm/clone" "hm3 full"
    [ -d "$P/vms/hm3" ] || echo "hm3 full" > "$vm/clone"
    within 60 copied
    within 10 test -d "$P/vms/hm3"
    rmdir "$P/vms/hm3"
    is "$(volumes)" "$kept"
done
killed "export" 125 'qemu-img compare -q "$pool/hm1_0.img" "$pool/gold"' write "$vm/export" gold
if [ -d "$P/images/gold" ]; then rmdir "$P/images/gold"; fi

killed "snapshot" 185 'virsh snapshot-list hm1 --name | has s1' mkdir "$vm/snapshots/s1"
if [ -d "$vm/snapshots/s1" ]; then rmdir "$vm/snapshots/s1"; fi
killed "add a disk, its volume" 93 'virsh domblklist hm1 | has vdc' mkdir "$vm/disks/vdc"
killed "add a disk" 160 'virsh domblklist hm1 | has vdc' mkdir "$vm/disks/vdc"
[ -d "$vm/disks/vdc" ] || mkdir "$vm/disks/vdc"
killed "remove a disk" 161 '! volumes | has hm1_2' rmdir "$vm/disks/vdc"
if [ -d "$vm/disks/vdc" ]; then rmdir "$vm/disks/vdc"; fi
is "$(volumes)" "$kept"
killed "grow a disk" 260 'virsh vol-info "$(basename "$(cat "$vm/disks/vdb/path")")" default | has 20.00' \
    write "$vm/disks/vdb/size" 20
qemu-img check -q "$(cat "$vm/disks/vdb/path")"

# An upload: what was told to be stored is; the rest may be old or new.
head -c 8388608 /dev/urandom > "$T/content"
truncate -s 8M "$pool/hm4.raw"
virsh pool-refresh default
within 10 test -d "$P/images/hm4.raw"
killed "upload" 208 'true' write-file "$P/images/hm4.raw/data" "$T/content"
is "$(fsop write-file "$P/images/hm4.raw/data" "$T/content")" ok
cmp "$T/content" "$pool/hm4.raw"

# Networks and pools: what runs is whole, and what was stopped for a while runs again. The procedures: define 41, autostart
# 48, start 39, stop 42, a change of a part 291; of a pool 77, 90, 78 and 80.
net=$P/networks/hmnet
network_is_whole() { virsh net-info hmnet > net && grep -q 'Active: *yes' net && grep -q 'Autostart: *yes' net; }
for procedure in 41 48 39; do
    if [ -d "$net" ]; then rmdir "$net"; fi
    mkdir -p "$P/drafts/networks/hmnet"
    echo 10.44.0.0/24 > "$P/drafts/networks/hmnet/cidr"
    killed "create a network ($procedure)" $procedure network_is_whole rename "$P/drafts/networks/hmnet" "$net"
    if [ ! -d "$net" ]; then mv "$P/drafts/networks/hmnet" "$net"; fi
    network_is_whole
    rm -rf "$P/drafts/networks/hmnet"
done
reserved() { virsh net-dumpxml hmnet "$@" | has 52:54:00:44:00:01; }
killed "keep an address" 291 'reserved && reserved --inactive' write "$net/reservations" '52:54:00:44:00:01 10.44.0.7'
echo '52:54:00:44:00:01 10.44.0.7' > "$net/reservations"
reserved && reserved --inactive
killed "give up an address" 291 '! reserved && ! reserved --inactive' write "$net/reservations" ''
mtu() { virsh net-dumpxml hmnet | has "mtu size='$1'"; }
for procedure in 42 41 39; do
    killed "change what takes a restart ($procedure)" $procedure "mtu 1${procedure}0" write "$net/mtu" "1${procedure}0"
    network_is_whole
done
killed "remove a network" 42 '! names net-list | has hmnet' rmdir "$net"
if [ -d "$net" ]; then rmdir "$net"; fi

pool_is_whole() { virsh pool-info hmpool > pool && grep -q 'State: *running' pool && grep -q 'Autostart: *yes' pool; }
for procedure in 77 90 78; do
    if [ -d "$P/pools/hmpool" ]; then rmdir "$P/pools/hmpool"; fi
    mkdir -p "$P/drafts/pools/hmpool"
    echo "$T/hmpool" > "$P/drafts/pools/hmpool/path"
    killed "create a pool ($procedure)" $procedure pool_is_whole rename "$P/drafts/pools/hmpool" "$P/pools/hmpool"
    if [ ! -d "$P/pools/hmpool" ]; then mv "$P/drafts/pools/hmpool" "$P/pools/hmpool"; fi
    pool_is_whole
    rm -rf "$P/drafts/pools/hmpool"
done
killed "remove a pool" 80 '! names pool-list | has hmpool' rmdir "$P/pools/hmpool"
if [ -d "$P/pools/hmpool" ]; then rmdir "$P/pools/hmpool"; fi
