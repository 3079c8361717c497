# The connection is cut after each single request of an operation, its answer lost: whatever came of it, the tree says
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

# cut_through NAME COMMAND...: with the connection cut after the 1st, 2nd, ... request, until it passes uncut. COMMAND is
# run as `COMMAND do` and, after each attempt, as `COMMAND undo`, straight on libvirt.
cut_through() {
    local name=$1 n=0 got cuts
    shift
    while [ $n -lt 60 ]; do
        n=$((n + 1))
        "$@" undo
        within 20 is_up
        within 10 "$@" ready
        cuts=$(grep -c '^cut' "$T/control.log" || true)
        order cut "$n"
        got=$("$@" try)
        order open
        within 20 is_up
        # All that libvirt has is there, and nothing else.
        within 10 agrees
        if [ "$(grep -c '^cut' "$T/control.log" || true)" = "$cuts" ]; then
            is "$got" ok "$name, uncut"
            "$@" 'done' || fail "$name did not take effect"
            "$@" undo
            echo "$name: $n attempts" >&2
            return
        fi
        # A request cut off may have been the last, whose answer nobody needs.
        matches "$got" '^(EHOSTUNREACH|ok)$'
        if [ "$got" = ok ]; then within 10 "$@" 'done'; fi
    done
    fail "$name: no attempt passed uncut"
}
agrees() {
    [ "$(ls "$P/vms")" = "$(virsh list --all --name | sed '/^$/d' | sort)" ] &&
        [ "$(ls "$P/networks")" = "$(virsh net-list --all --name | sed '/^$/d' | sort)" ] &&
        [ "$(ls "$P/pools")" = "$(virsh pool-list --all --name | sed '/^$/d' | sort)" ]
}

vm_create() {
    case $1 in
    undo)
        virsh destroy cut1 > /dev/null 2>&1
        virsh undefine cut1 --remove-all-storage > /dev/null 2>&1
        rm -rf "$P/drafts/vms/cut1" 2> /dev/null
        virsh vol-list default | refuses has cut1
        ;;
    ready) mkdir -p "$P/drafts/vms/cut1" && echo no > "$P/drafts/vms/cut1/start" && echo 128 > "$P/drafts/vms/cut1/memory" ;;
    try) fsop rename "$P/drafts/vms/cut1" "$P/vms/cut1" ;;
    'done') virsh domstate cut1 > /dev/null ;;
    esac
}
network_create() {
    case $1 in
    undo)
        virsh net-destroy ctnew > /dev/null 2>&1
        virsh net-undefine ctnew > /dev/null 2>&1
        rm -rf "$P/drafts/networks/ctnew" 2> /dev/null
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
        virsh net-destroy ctupd > /dev/null 2>&1
        virsh net-undefine ctupd > /dev/null 2>&1
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
        virsh pool-destroy ctpool > /dev/null 2>&1
        virsh pool-undefine ctpool > /dev/null 2>&1
        rm -rf "$P/drafts/pools/ctpool" "$T/pool" 2> /dev/null
        ;;
    ready) mkdir -p "$P/drafts/pools/ctpool" && echo "$T/pool" > "$P/drafts/pools/ctpool/path" ;;
    try) fsop rename "$P/drafts/pools/ctpool" "$P/pools/ctpool" ;;
    'done') virsh pool-info ctpool | has 'State: *running' ;;
    esac
    return 0
}
# A machine that is there and off, made by virsh.
define_guest() {
    virsh destroy cut2 > /dev/null 2>&1
    for snapshot in $(virsh snapshot-list cut2 --name 2> /dev/null); do virsh snapshot-delete cut2 "$snapshot" > /dev/null; done
    virsh undefine cut2 --remove-all-storage > /dev/null 2>&1
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
