# The connection is cut in the middle of every kind of operation, its answer lost: whatever came of it, the tree says
# what libvirt says, the error is EHOSTUNREACH and nothing but it, and the same operation can be had again.
# Limit: 420 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
allow_errors lab
end_networks() {
    local name
    for name in $(virsh net-list --all --name | grep '^ct' || true); do
        virsh net-destroy "$name" > /dev/null 2>&1
        virsh net-undefine "$name" > /dev/null 2>&1
    done
    virsh pool-destroy ctpool > /dev/null 2>&1
    virsh pool-undefine ctpool > /dev/null 2>&1
}
at_end end_networks
socket=$INFRAFS_TEST_LIBVIRT_DIR/run/libvirt-sock
"$ROOT/Tests/libvirt/gate" "$T/sock" "$socket" "$T/control" &
gate=$!
at_end "kill $gate 2> /dev/null"
within 5 test -S "$T/sock"
mount_config <<Y
providers:
  lab: {type: kvm, url: "qemu+unix:///system?socket=$T/sock", virttype: qemu}
Y
within 10 reads "$P/status" up
# A command for the gate is told from the one before by its file.
order() { echo "$*" > "$T/control.new"; mv "$T/control.new" "$T/control"; }
is_up() { reads "$P/status" up && ls "$P/vms" > /dev/null; }

# cut_through NAME COMMAND...: with the connection cut after the 1st, 2nd, 3rd, 5th, 8th, ... request, until it passes
# uncut. `COMMAND undo` puts libvirt back, `ready` looks whether the tree knows, `try` does it through the tree and `done`
# asks libvirt whether it took effect.
cut_through() {
    local name=$1 n=0 before=0 next got cuts
    shift
    while [ $n -lt 90 ]; do
        next=$((n + before)) before=$n
        n=$((next > n ? next : n + 1))
        "$@" undo
        within 20 is_up
        within 10 "$@" ready
        cuts=$(count_cuts)
        order cut "$n"
        got=$("$@" try)
        order open
        revive
        within 20 is_up
        # All that libvirt has is there, and nothing else.
        within 10 agrees
        if [ "$(count_cuts)" = "$cuts" ]; then
            is "$got" ok "$name, uncut"
            "$@" 'done' || fail "$name did not take effect"
            "$@" undo
            echo "$name: uncut at $n" >&2
            return
        fi
        # A request cut off may have been the last, whose answer nobody needs.
        matches "$got" '^(EHOSTUNREACH|ok)$'
        if [ "$got" = ok ]; then within 10 "$@" 'done'; fi
    done
    fail "$name: no attempt passed uncut"
}
count_cuts() { grep -c '^cut' "$T/control.log" || true; }
quietly() { "$@" > /dev/null 2>&1 || true; }
# libvirtd 9.0 itself may end when a connection with event callbacks goes away in the middle of a call.
revive() {
    kill -0 "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/libvirtd.pid")" 2> /dev/null && return
    echo "libvirtd ended by itself" >&2
    "$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"
}
# virsh pads what it lists.
names() { virsh "$@" --all --name | sed 's/ *$//; /^$/d' | sort; }
agrees() {
    [ "$(ls "$P/vms")" = "$(names list)" ] && [ "$(ls "$P/networks")" = "$(names net-list)" ] &&
        [ "$(ls "$P/pools")" = "$(names pool-list)" ]
}

vm_create() {
    case $1 in
    undo)
        quietly virsh destroy cut1
        quietly virsh undefine cut1 --remove-all-storage
        quietly rm -rf "$P/drafts/vms/cut1"
        for volume in $(virsh vol-list default | awk '/cut1/ { print $1 }'); do quietly virsh vol-delete "$volume" default; done
        ;;
    ready) mkdir -p "$P/drafts/vms/cut1" && echo no > "$P/drafts/vms/cut1/start" && echo 128 > "$P/drafts/vms/cut1/memory" ;;
    try) fsop rename "$P/drafts/vms/cut1" "$P/vms/cut1" ;;
    'done') virsh domstate cut1 > /dev/null ;;
    esac
}
network_create() {
    case $1 in
    undo)
        quietly virsh net-destroy ctnew
        quietly virsh net-undefine ctnew
        quietly rm -rf "$P/drafts/networks/ctnew"
        ;;
    ready) mkdir -p "$P/drafts/networks/ctnew" && echo 10.41.0.0/24 > "$P/drafts/networks/ctnew/cidr" ;;
    try) fsop rename "$P/drafts/networks/ctnew" "$P/networks/ctnew" ;;
    'done') virsh net-info ctnew | has 'Active: *yes' ;;
    esac
    return 0
}
network_update() {
    case $1 in
    undo)
        quietly virsh net-destroy ctupd
        quietly virsh net-undefine ctupd
        cat > "$T/upd.xml" <<X
<network><name>ctupd</name><ip address='10.42.0.1' prefix='24'>
<dhcp><range start='10.42.0.10' end='10.42.0.20'/></dhcp></ip></network>
X
        virsh net-define "$T/upd.xml" > /dev/null
        virsh net-start ctupd > /dev/null
        ;;
    ready) reads "$P/networks/ctupd/dhcp_range" '10.42.0.10 10.42.0.20' ;;
    try) fsop write "$P/networks/ctupd/reservations" '52:54:00:42:00:01 10.42.0.5' ;;
    'done') virsh net-dumpxml ctupd --inactive | has 52:54:00:42:00:01 ;;
    esac
}
pool_create() {
    case $1 in
    undo)
        quietly virsh pool-destroy ctpool
        quietly virsh pool-undefine ctpool
        quietly rm -rf "$P/drafts/pools/ctpool" "$T/pool"
        ;;
    ready) mkdir -p "$P/drafts/pools/ctpool" && echo "$T/pool" > "$P/drafts/pools/ctpool/path" ;;
    try) fsop rename "$P/drafts/pools/ctpool" "$P/pools/ctpool" ;;
    'done') virsh pool-info ctpool | has 'State: *running' ;;
    esac
    return 0
}
# A machine that is there and off, made by virsh.
define_guest() {
    quietly virsh destroy cut2
    quietly virsh undefine cut2 --remove-all-storage
    cat > "$T/cut2.xml" <<X
<domain type='qemu'><name>cut2</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os><metadata><other:thing xmlns:other='urn:other'>kept</other:thing></metadata>
<devices><interface type='network'><source network='default'/></interface></devices></domain>
X
    virsh define "$T/cut2.xml" > /dev/null
}
on_guest() {
    local attribute=$1 value=$2 check=$3
    case $4 in
    undo) define_guest ;;
    ready) test -d "$P/vms/cut2" ;;
    try) fsop write "$P/vms/cut2/$attribute" "$value" ;;
    'done') virsh dumpxml cut2 | has "$check" ;;
    esac
}
vm_power() {
    case $1 in
    undo) define_guest ;;
    ready) reads "$P/vms/cut2/status" down ;;
    try) fsop write "$P/vms/cut2/status" up ;;
    'done') domain_is cut2 running ;;
    esac
}
vm_delete() {
    case $1 in
    undo) define_guest ;;
    ready) test -d "$P/vms/cut2" ;;
    try) fsop rmdir "$P/vms/cut2" ;;
    'done') ! virsh domstate cut2 > /dev/null 2>&1 ;;
    esac
}
vm_mkdir() {
    local path=$1 check=$2
    case $3 in
    undo)
        define_guest
        for volume in $(virsh vol-list default | awk '/cut2/ { print $1 }'); do virsh vol-delete "$volume" default > /dev/null; done
        ;;
    ready) test -d "$P/vms/cut2" ;;
    try) fsop mkdir "$P/vms/cut2/$path" ;;
    'done') virsh dumpxml cut2 | has "$check" ;;
    esac
}

cut_through "network create" network_create
cut_through "network update" network_update
cut_through "pool create" pool_create
cut_through "vm create" vm_create
cut_through "vm delete" vm_delete
cut_through "power" vm_power
cut_through "memory" on_guest memory 192 "unit='KiB'>196608<"
cut_through "nic add" vm_mkdir nics/eth1 "<interface type='network'>"
cut_through "disk add" vm_mkdir disks/vda "<disk type='file'"
