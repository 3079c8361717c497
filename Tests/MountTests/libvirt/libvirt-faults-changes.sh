# libvirtd stops answering, or is killed and started again, in the middle of each kind of removal and of change:
# EHOSTUNREACH in time, the mount lives on, and once libvirtd is back the operation is done or nothing of it is left.
# Limit: 500 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
source "$LIB/faults.sh"
mount_gated "demo: {type: fake}"

vm_rename() {
    on_guest rename '' "$P/vms/ft3" 'virsh domstate ft3 > /dev/null' "$1"
    if [ "$1" = undo ]; then quietly virsh undefine ft3; fi
}
# Of a machine with a snapshot.
on_kept() {
    on_guest "$@"
    if [ "$5" = ready ]; then
        virsh snapshot-create-as ft2 s1 > /dev/null
        within 10 test -d "$P/vms/ft2/snapshots/s1"
    fi
}
detach() { on_guest rename disks/vda "$P/disks/ft2_0.img" '[ -z "$(disks)" ] && volumes | has ft2_0' "$1"; }
disks() { virsh domblklist ft2 --inactive | sed '/^ *$/d'; }
nics() { xml ft2 devices/interface type; }
# on_network OPERATION PATH ARGUMENT CHECK: one operation on a network of its own. A libvirtd that was killed may leave its
# bridge, which would be in the way of the next one with these addresses.
number=0
on_network() {
    case $5 in
    ready)
        number=$((number + 1))
        cat > "$T/ftnet.xml" <<X
<network><name>ftnet</name><forward mode='nat'/><ip address='10.45.$number.1' netmask='255.255.255.0'>
<dhcp><range start='10.45.$number.10' end='10.45.$number.20'/></dhcp></ip></network>
X
        virsh net-define "$T/ftnet.xml" > /dev/null
        virsh net-start ftnet > /dev/null
        virsh net-autostart ftnet > /dev/null
        within 10 test -f "$P/networks/ftnet/mtu"
        ;;
    try) fsop "$1" "$P/networks/ftnet$2" ${3:+"$3"} ;;
    'done') eval "$4" ;;
    undo)
        quietly virsh net-destroy ftnet
        quietly virsh net-undefine ftnet
        ;;
    esac
}
nic_move() {
    if [ "$1" = ready ]; then on_network '' '' '' '' ready; fi
    on_guest write nics/eth0/network ftnet 'xml ft2 devices/interface/source network | has ftnet' "$1"
    if [ "$1" = undo ]; then on_network '' '' '' '' undo; fi
}
network_create() {
    local draft=$P/drafts/networks/ftnet
    case $1 in
    ready)
        number=$((number + 1))
        mkdir -p "$draft"
        echo "10.45.$number.0/24" > "$draft/cidr"
        ;;
    try) fsop rename "$draft" "$P/networks/ftnet" ;;
    'done') virsh net-info ftnet > "$T/net" && grep -q 'Active: *yes' "$T/net" && grep -q 'Autostart: *yes' "$T/net" ;;
    undo)
        on_network '' '' '' '' undo
        quietly rm -r "$draft"
        ;;
    esac
}
pool_remove() {
    case $1 in
    ready)
        mkdir -p "$T/pool"
        virsh pool-define-as ftpool dir --target "$T/pool" > /dev/null
        virsh pool-start ftpool > /dev/null
        within 10 test -d "$P/pools/ftpool"
        ;;
    try) fsop rmdir "$P/pools/ftpool" ;;
    'done') ! names pool-list | has ftpool ;;
    undo)
        quietly virsh pool-destroy ftpool
        quietly virsh pool-undefine ftpool
        ;;
    esac
}
# on_volume OPERATION PATH CHECK: one operation on a volume of its own, or that makes it.
on_volume() {
    case $4 in
    ready)
        [ "$1" = mkdir ] && return
        virsh vol-create-as default ft4.raw 8M --format raw > /dev/null
        within 10 test -d "$P/images/ft4.raw"
        ;;
    try) fsop "$1" "$P/$2" ;;
    'done') eval "$3" ;;
    undo) quietly virsh vol-delete ft4.raw default ;;
    esac
}
export_() {
    on_guest write export ftgold "volumes | has ftgold" "$1"
    if [ "$1" = undo ]; then quietly virsh vol-delete ftgold default; fi
}

# The procedures of libvirt's remote_protocol.x: undefine a domain 231, detach a device 161, update one 174, ...
gone='! names list | has ft2 && ! volumes | has ft2'
fault "remove a machine" 231 KILL on_guest rmdir '' '' "$gone"
fault "remove a machine" 231 STOP on_guest rmdir '' '' "$gone"
fault "remove a machine: its volume" 94 KILL on_guest rmdir '' '' "$gone"
fault "rename a machine" 358 KILL vm_rename
fault "remove a disk" 161 KILL on_guest rmdir disks/vda '' '[ -z "$(disks)" ] && ! volumes | has ft2'
fault "detach a disk" 161 KILL detach
fault "remove a NIC" 161 KILL on_guest rmdir nics/eth0 '' '[ -z "$(nics)" ]'
fault "move a NIC" 174 KILL nic_move
fault "stop" 12 KILL on_running write status down 'domain_is ft2 "shut off"'
fault "change the memory, running" 204 KILL on_running write memory 100 'xml ft2 currentMemory | has 102400'
fault "revert" 192 KILL on_kept write revert s1 true
fault "remove a snapshot" 193 KILL on_kept rmdir snapshots/s1 '' '! virsh snapshot-list ft2 --name | has s1'
fault "export" 125 KILL export_
fault "create a disk" 93 KILL on_volume mkdir disks/ft4.raw 'volumes | has ft4.raw'
fault "remove an image" 94 KILL on_volume rmdir images/ft4.raw '! volumes | has ft4.raw'
fault "create a network" 41 KILL network_create
fault "create a network: its start" 39 KILL network_create
fault "create a network: its start" 39 STOP network_create
# A libvirtd that is killed while it stops a network leaves its bridge, and cannot start it again itself.
fault "remove a network" 42 STOP on_network rmdir '' '' '! names net-list | has ftnet'
fault "remove a network: its definition" 49 KILL on_network rmdir '' '' '! names net-list | has ftnet'
restarted="virsh net-dumpxml ftnet | has 1400"
fault "change what takes a restart" 42 STOP on_network write /mtu 1400 "$restarted"
fault "change what takes a restart: its definition" 41 KILL on_network write /mtu 1400 "$restarted"
fault "remove a pool" 80 KILL pool_remove
