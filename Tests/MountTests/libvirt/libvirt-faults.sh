# libvirtd stops answering, or is killed and started again, in the middle of each kind of operation: EHOSTUNREACH in time,
# the mount lives on, and once libvirtd is back the operation is done or nothing of it is left.
# Limit: 600 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
mount_gated "demo: {type: fake}"

# All there is, as libvirt says it.
inventory() { names list; names net-list; names pool-list; volumes; virsh net-dumpxml default | grep -c "<host " || true; }
agrees() {
    [ "$(ls "$P/vms")" = "$(names list)" ] && [ "$(ls "$P/networks")" = "$(names net-list)" ] &&
        [ "$(ls "$P/pools")" = "$(names pool-list)" ]
}
unchanged() { [ "$(inventory)" = "$before" ]; }
was_hit() { [ "$(count signal)" -gt "$signals" ]; }
count() { grep -c "^$1" "$T/control.log" || true; }

# fault NAME PROCEDURE SIGNAL COMMAND...: the operation, with libvirtd hit once it has that request. The command has these
# words: `ready` makes what it needs, `try` does it through the tree, `done` asks libvirt for its effect, `undo` removes it.
fault() {
    local name="$1, $3" procedure=$2 signal=$3 got seconds pid before
    shift 3
    "$@" ready
    within 20 is_up
    before=$(inventory)
    signals=$(count signal)
    pid=$(cat "$INFRAFS_TEST_LIBVIRT_DIR/libvirtd.pid")
    order signal "$procedure" "$signal" "$pid"
    seconds=$SECONDS
    got=$("$@" try)
    seconds=$((SECONDS - seconds))
    was_hit || fail "$name: libvirtd was not hit; the answer was $got"
    at_most "$seconds" 40 "$name took too long"
    is "$(cat "$M/demo/vms/web1/name")" web1
    order open
    case $signal in
    STOP) kill -CONT "$pid" ;;
    KILL)
        "$ROOT/Tests/libvirt/daemon" kill "$INFRAFS_TEST_LIBVIRT_DIR"
        "$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"
        ;;
    esac
    within 30 is_up
    matches "$got" '^(EHOSTUNREACH|ok)$'
    if [ "$got" = ok ]; then
        within 20 "$@" 'done'
    else
        # What was taken back leaves nothing; what took effect without an answer is whole.
        within 30 whole "$@"
    fi
    within 10 agrees
    "$@" undo
    within 10 agrees
    echo "$name: $got after $seconds s" >&2
}
whole() { unchanged || "$@" 'done'; }

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
# A machine that is there, made by virsh, and its volume.
define_guest() {
    cat > "$T/ft2.xml" <<X
<domain type='qemu'><name>ft2</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os><features><acpi/></features>
<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='$INFRAFS_TEST_LIBVIRT_DIR/pool/ft2_0.img'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><mac address='52:54:00:00:f7:02'/><source network='default'/></interface></devices></domain>
X
    virsh vol-create-as default ft2_0.img 1G --format qcow2 > /dev/null
    virsh define "$T/ft2.xml" > /dev/null
    within 10 test -d "$P/vms/ft2"
}
remove_guest() {
    local volume
    quietly virsh destroy ft2
    quietly virsh undefine ft2 --snapshots-metadata
    for volume in $(volumes | grep -E '^(ft2|ft3)'); do virsh vol-delete "$volume" default > /dev/null; done
}
# on_guest OPERATION PATH ARGUMENT CHECK: one operation on it; CHECK is a command that finds its effect.
on_guest() {
    case $5 in
    ready) define_guest ;;
    try) fsop "$1" "$P/vms/ft2/$2" ${3:+"$3"} ;;
    'done') eval "$4" ;;
    undo) remove_guest ;;
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
# on_running OPERATION PATH ARGUMENT CHECK: the same as on_guest, of one that runs.
on_running() {
    on_guest "$@"
    if [ "$5" = ready ]; then
        virsh start ft2 > /dev/null
        within 10 reads "$P/vms/ft2/status" up
    fi
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
