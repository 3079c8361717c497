# Sourced by the cases over the private libvirtd, after case.sh.
# shellcheck shell=bash disable=SC2034
#
# Given by the runner: INFRAFS_TEST_LIBVIRT (its URI), INFRAFS_TEST_LIBVIRT_DIR (its directory); the image guest.qcow2
# is in its pool.
P=$M/lab

# What libvirt itself says.
virsh() { command virsh -q -c "$INFRAFS_TEST_LIBVIRT" "$@"; }
state_of() { virsh domstate "$1" | sed '/^$/d'; }
domain_is() { [ "$(state_of "$1")" = "$2" ]; }

# In the network of the private libvirtd.
inside() { nsenter --net="/proc/$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")/ns/net" "$@"; }

mount_lab() {
    mount_config "$@" <<Y
providers:
  lab: {type: kvm, url: "$INFRAFS_TEST_LIBVIRT", virttype: qemu}
Y
    within 10 reads "$P/status" up
}

# make_guest NAME: from the image, by a draft, not started.
make_guest() {
    local draft=$P/drafts/vms/$1
    mkdir "$draft"
    echo guest.qcow2 > "$draft/image"
    echo 256 > "$draft/memory"
    echo 1 > "$draft/cpus"
    echo no > "$draft/start"
    mv "$draft" "$P/vms/$1"
}

# Nothing of a case that failed is left to the next.
end_guests() {
    local name
    for name in $(virsh list --all --uuid); do
        virsh destroy "$name" > /dev/null 2>&1
        virsh undefine "$name" --remove-all-storage --snapshots-metadata --nvram > /dev/null 2>&1
    done
}
at_end end_guests

# xml NAME PATH [ATTRIBUTE]: what the definition of a machine has there, one a line: texts, or the values of an attribute.
xml() {
    virsh dumpxml --inactive "$1" | /usr/bin/python3 -c '
import sys, xml.etree.ElementTree as tree
for element in tree.parse(sys.stdin).getroot().findall(sys.argv[1]):
    print(element.get(sys.argv[2], "") if len(sys.argv) > 2 else (element.text or "").strip())' "${@:2}"
}

# serial_of VM FILE: keeps what a machine prints, from now on.
serial_of() {
    cat "$1/.serial" > "$2" &
    at_end "kill $! 2> /dev/null"
    within 60 opens "$!" "$1/.serial"
}
# opens PID FILE: whether a process has it open, or has ended.
opens() { is_gone "$1" || [ -n "$(find "/proc/$1/fd" -lname "$2" 2> /dev/null)" ]; }

# own_libvirtd: a daemon of this case's own, with the guest's image, for what may be its end.
own_libvirtd() {
    INFRAFS_TEST_LIBVIRT_DIR=$WORK/libvirtd
    "$ROOT/Tests/libvirt/daemon" start "$INFRAFS_TEST_LIBVIRT_DIR"
    at_end '"$ROOT/Tests/libvirt/daemon" stop "$WORK/libvirtd"'
    eval "$("$ROOT/Tests/libvirt/daemon" env "$INFRAFS_TEST_LIBVIRT_DIR")"
    "$ROOT/Tests/libvirt/daemon" add "$INFRAFS_TEST_LIBVIRT_DIR" "$INFRAFS_TEST_GUEST/guest.qcow2"
}
