# libvirtd stops answering, or is killed and started again, in the middle of each kind of operation that makes something:
# EHOSTUNREACH in time, the mount lives on, and once libvirtd is back the operation is done or nothing of it is left.
# Limit: 500 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
source "$LIB/faults.sh"
mount_gated "demo: {type: fake}"

vm_create() {
    case $1 in
    ready)
        mkdir -p "$P/drafts/vms/ft1"
        echo guest.qcow2 > "$P/drafts/vms/ft1/image"
        echo 128 > "$P/drafts/vms/ft1/memory"
        echo yes > "$P/drafts/vms/ft1/cloudinit"
        ;;
    try) fsop rename "$P/drafts/vms/ft1" "$P/vms/ft1" ;;
    'done') domain_is ft1 running ;;
    undo)
        quietly virsh destroy ft1
        quietly virsh undefine ft1 --remove-all-storage
        quietly rm -r "$P/drafts/vms/ft1"
        ;;
    esac
}
clone() {
    case $1 in
    ready) define_guest ;;
    # A job may have taken it over: then the effect is what counts.
    try)
        fsop write "$P/vms/ft2/clone" "ft3 full"
        ;;
    'done') virsh domstate ft3 > /dev/null ;;
    undo)
        quietly virsh undefine ft3
        remove_guest
        ;;
    esac
}
upload() {
    case $1 in
    ready)
        virsh vol-create-as default ft4.raw 8M --format raw > /dev/null
        within 10 test -d "$P/images/ft4.raw"
        head -c 8388608 /dev/urandom > "$T/content"
        ;;
    try) fsop write-file "$P/images/ft4.raw/data" "$T/content" ;;
    'done') cmp -s "$T/content" "$INFRAFS_TEST_LIBVIRT_DIR/pool/ft4.raw" ;;
    undo) virsh vol-delete ft4.raw default > /dev/null ;;
    esac
}
# What is read is whole, or the reader is told.
download() {
    case $1 in
    ready) upload ready && cp "$T/content" "$INFRAFS_TEST_LIBVIRT_DIR/pool/ft4.raw" ;;
    try) fsop read "$P/images/ft4.raw/data" ;;
    'done') cmp "$P/images/ft4.raw/data" "$T/content" ;;
    undo) cmp "$P/images/ft4.raw/data" "$T/content" && upload undo ;;
    esac
}
# A job by the time that libvirtd is hit: it ends with the image whole, or with nothing of it and a word.
image_download() {
    case $1 in
    ready)
        head -c 8388608 /dev/urandom > "$T/www/content"
        mkdir "$P/drafts/images/ft5" && echo "$url/content" > "$P/drafts/images/ft5/url"
        ;;
    try)
        fsop rename "$P/drafts/images/ft5" "$P/images/ft5"
        within 20 was_hit
        ;;
    'done')
        cmp -s "$T/www/content" "$INFRAFS_TEST_LIBVIRT_DIR/pool/ft5" ||
            { ! volumes | has '^ft5$' && has '"images/ft5\|ft5' < "$P/errors"; }
        ;;
    undo)
        within 60 image_download 'done'
        quietly virsh vol-delete ft5 default
        quietly rm -r "$P/drafts/images/ft5"
        ;;
    esac
}
attach() {
    case $1 in
    ready)
        define_guest
        virsh vol-create-as default ft3.raw 8M --format raw > /dev/null
        within 10 test -d "$P/disks/ft3.raw"
        ;;
    try) fsop rename "$P/disks/ft3.raw" "$P/vms/ft2/disks/ft3.raw" ;;
    'done') virsh domblklist ft2 --inactive | has ft3.raw ;;
    undo) remove_guest ;;
    esac
}
network_change() {
    case $1 in
    ready) within 10 test -f "$P/networks/default/reservations" ;;
    try) fsop write "$P/networks/default/reservations" '52:54:00:42:00:01 192.168.213.5' ;;
    'done') virsh net-dumpxml default --inactive | has 52:54:00:42:00:01 && virsh net-dumpxml default | has 52:54:00:42:00:01 ;;
    undo)
        quietly virsh net-update default delete ip-dhcp-host "<host mac='52:54:00:42:00:01' ip='192.168.213.5'/>" --config
        quietly virsh net-update default delete ip-dhcp-host "<host mac='52:54:00:42:00:01' ip='192.168.213.5'/>" --live
        ;;
    esac
}
pool_create() {
    case $1 in
    ready) mkdir -p "$P/drafts/pools/ftpool" && echo "$T/pool" > "$P/drafts/pools/ftpool/path" ;;
    try) fsop rename "$P/drafts/pools/ftpool" "$P/pools/ftpool" ;;
    'done') virsh pool-info ftpool | has 'State: *running' ;;
    undo)
        quietly virsh pool-destroy ftpool
        quietly virsh pool-undefine ftpool
        quietly rm -r "$P/drafts/pools/ftpool" "$T/pool"
        ;;
    esac
}

# The procedures of libvirt's remote_protocol.x: volume create 93, domain define 11, domain create 9, ...
disk="virsh domblklist ft2 --inactive | has vdb"
fault "create: its volume" 93 STOP vm_create
fault "create: its definition" 11 KILL vm_create
fault "create: its start" 9 STOP vm_create
fault "create: its start" 9 KILL vm_create
fault start 9 STOP on_guest write status up 'domain_is ft2 running'
fault start 9 KILL on_guest write status up 'domain_is ft2 running'
fault "grow a disk" 260 STOP on_guest write disks/vda/size 2 "virsh vol-info ft2_0.img default | has 2.00"
fault "add a disk" 160 KILL on_guest mkdir disks/vdb '' "$disk"
fault "add a disk" 93 STOP on_guest mkdir disks/vdb '' "$disk"
fault "attach a disk" 160 KILL attach
fault "attach a disk" 160 STOP attach
nics="xml ft2 devices/interface type | wc -l | has 2"
fault "add a NIC" 160 KILL on_guest mkdir nics/eth1 '' "$nics"
fault "add a NIC, running" 160 KILL on_running mkdir nics/eth1 '' "$nics"
fault "grow a disk, running" 251 KILL on_running write disks/vda/size 2 "virsh domblkinfo ft2 vda | has 2147483648"
fault snapshot 185 KILL on_guest mkdir snapshots/s1 '' 'virsh snapshot-list ft2 --name | has s1'
fault clone 125 STOP clone
fault clone 11 KILL clone
fault upload 208 KILL upload
fault download 209 KILL download
fault download 209 STOP download
mkdir "$T/www"
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$T/www" 0 > served 2> requests &
at_end "kill $!"
within 10 grep -q 'port' served
url=http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' served)
fault "download an image" 208 KILL image_download
fault "change a network" 291 STOP network_change
fault "change a network" 291 KILL network_change
fault "create a pool" 78 KILL pool_create
