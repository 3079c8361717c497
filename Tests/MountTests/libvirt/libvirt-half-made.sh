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

inventory() { names list; volumes; virsh snapshot-list hm1 --name | sed '/^ *$/d'; virsh dumpxml hm1 --inactive; ls "$pool"; }
agrees() { [ "$(ls "$P/vms")" = "$(names list)" ] && [ "$(ls "$P/disks")" = "$(volumes)" ]; }
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
