# The connection is cut in the middle of an operation, after each of its requests in turn, and the answer is lost: it fails
# with EHOSTUNREACH, the tree says what libvirt says, and what was begun is whole or taken back.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
mount_gated
inventory() { names list; names net-list; volumes; virsh dumpxml cut1; virsh net-dumpxml default; }
agrees() {
    [ "$(ls "$P/vms")" = "$(names list)" ] && [ "$(ls "$P/networks")" = "$(names net-list)" ] &&
        [ "$(ls "$P/disks")" = "$(volumes)" ]
}
# libvirtd 9.0 itself may end when a connection with event callbacks goes away in the middle of a call.
revive() {
    kill -0 "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/libvirtd.pid")" 2> /dev/null && return
    echo "libvirtd ended by itself" >&2
    "$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"
}
unchanged() { [ "$(inventory)" = "$before" ]; }
whole() { unchanged || "$1" 'done'; }

# cut_through NAME COMMAND NUMBER...: with the connection cut after that many requests, one attempt each. The command has
# these words: `ready` makes what it needs, `try` does it through the tree, `done` asks libvirt for its effect, `undo`
# removes it.
cut_through() {
    local name=$1 command=$2 n got before
    shift 2
    for n; do
        "$command" ready
        within 30 is_up
        before=$(inventory)
        : > "$T/control.log"
        order cut "$n"
        got=$("$command" try)
        order open
        revive
        within 60 is_up
        grep -q '^cut' "$T/control.log" || fail "$name: the connection was not cut; the answer was $got"
        # A request cut off may have been the last, whose answer nobody needs.
        matches "$got" '^(EHOSTUNREACH|ok)$'
        if [ "$got" = ok ]; then
            within 10 "$command" 'done'
        elif ! (within 30 whole "$command") 2> /dev/null; then
            diff <(echo "$before") <(inventory) >&2 || fail "$name, cut after $n, left something behind"
        fi
        within 20 agrees
        "$command" undo
        echo "$name, after $n: $got" >&2
    done
}

cat > "$T/cut1.xml" <<'X'
<domain type='qemu'><name>cut1</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os><metadata><other:thing xmlns:other='urn:other'>kept</other:thing></metadata>
<devices><interface type='network'><source network='default'/></interface></devices></domain>
X
virsh define "$T/cut1.xml" > /dev/null
within 10 test -d "$P/vms/cut1"

vm_create() {
    local draft=$P/drafts/vms/cut2
    case $1 in
    ready)
        mkdir -p "$draft/nics/eth0"
        echo no > "$draft/start"
        echo 128 > "$draft/memory"
        echo guest.qcow2 > "$draft/image"
        echo yes > "$draft/cloudinit"
        echo default > "$draft/nics/eth0/network"
        echo 192.168.213.7 > "$draft/nics/eth0/ip"
        echo yes > "$draft/nics/eth0/reservedns"
        ;;
    try) fsop rename "$draft" "$P/vms/cut2" ;;
    'done') virsh domstate cut2 > /dev/null ;;
    undo)
        local host
        quietly virsh undefine cut2
        for volume in $(volumes | sed -n '/cut2/p'); do virsh vol-delete "$volume" default > /dev/null; done
        host=$(virsh net-dumpxml default | sed -n 's/^ *\(<host mac.*cut2.*\)/\1/p')
        if [ -n "$host" ]; then virsh net-update default delete ip-dhcp-host "$host" --live --config > /dev/null; fi
        if virsh net-dumpxml default | has "<dns>"; then
            virsh net-update default delete dns-host "<host ip='192.168.213.7'/>" --live --config > /dev/null
        fi
        quietly rm -r "$draft"
        ;;
    esac
}
vm_rename() {
    case $1 in
    ready) within 10 test -d "$P/vms/cut1" ;;
    try) fsop rename "$P/vms/cut1" "$P/vms/cut3" ;;
    'done') virsh dumpxml cut3 | has kept ;;
    undo) quietly virsh domrename cut3 cut1 ;;
    esac
}
disk_add() {
    case $1 in
    ready) within 10 test -d "$P/vms/cut1" ;;
    try) fsop mkdir "$P/vms/cut1/disks/vda" ;;
    'done') virsh domblklist cut1 | has vda ;;
    undo)
        quietly virsh detach-disk cut1 vda --config
        for volume in $(volumes | sed -n '/cut1/p'); do virsh vol-delete "$volume" default > /dev/null; done
        virsh define "$T/cut1.xml" > /dev/null
        ;;
    esac
}
sed -i "s|<memory|<uuid>$(virsh domuuid cut1)</uuid><memory|; s|<source network|<mac address='$(xml cut1 devices/interface/mac address)'/><source network|" "$T/cut1.xml"
cut_through "create a machine" vm_create 3 18 36 52
cut_through "rename a machine" vm_rename 2 6
cut_through "add a disk" disk_add 4 12 20
