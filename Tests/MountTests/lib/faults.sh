# Sourced by the cases that hit libvirtd in the middle of an operation, after gate.sh.
# shellcheck shell=bash

# All there is, as libvirt says it.
inventory() {
    names list
    virsh net-list --all
    virsh pool-list --all
    volumes
    virsh net-dumpxml default | grep -c "<host " || true
}
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
        if ! (within 30 whole "$@") 2> /dev/null; then
            diff <(echo "$before") <(inventory) >&2 || fail "$name left something half-done"
        fi
    fi
    within 10 agrees
    "$@" undo
    within 10 agrees
    echo "$name: $got after $seconds s" >&2
}
whole() { unchanged || "$@" 'done'; }

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
    for volume in $(volumes | sed -nE '/^(ft2|ft3)/p'); do virsh vol-delete "$volume" default > /dev/null; done
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
# on_running OPERATION PATH ARGUMENT CHECK: the same as on_guest, of one that runs.
on_running() {
    on_guest "$@"
    if [ "$5" = ready ]; then
        virsh start ft2 > /dev/null
        within 10 reads "$P/vms/ft2/status" up
    fi
}
