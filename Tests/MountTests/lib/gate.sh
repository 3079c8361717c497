# Sourced by the cases that come between infrafs and libvirtd, after libvirt.sh.
# shellcheck shell=bash

# mount_gated [PROVIDER...]: a daemon of this case's own, and the lab over it through Tests/libvirt/gate, which does as
# `order` says; beside it the providers that are given, each a line of the configuration.
mount_gated() {
    allow_errors lab
    own_libvirtd
    "$ROOT/Tests/libvirt/gate" "$T/sock" "$INFRAFS_TEST_LIBVIRT_DIR/run/libvirt-sock" "$T/control" &
    at_end "kill $! 2> /dev/null"
    within 5 test -S "$T/sock"
    mount_config <<Y
providers:
  lab: {type: kvm, url: "qemu+unix:///system?socket=$T/sock", virttype: qemu}
$(printf '  %s\n' "$@")
Y
    within 10 reads "$P/status" up
}

# A command for the gate is told from the one before by its file.
order() { echo "$*" > "$T/control.new"; mv "$T/control.new" "$T/control"; }

is_up() { reads "$P/status" up && ls "$P/vms" > /dev/null; }
quietly() { "$@" > /dev/null 2>&1 || true; }

# As libvirt says it.
names() { virsh "$@" --all --name | sed 's/ *$//; /^$/d' | sort; }
volumes() { virsh vol-list default | awk 'NF { print $1 }' | sort; }
