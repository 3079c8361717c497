# Sourced by what runs tests: the platforms that they run against, on this machine. Where the environment names one that
# runs already, that is used; otherwise it is started below a directory, and `stop_counterparts` stops it.
# shellcheck shell=bash

counterparts=()

# counterpart SCRIPT DIR: starts one by its script, and takes its variables.
counterpart() {
    local variables
    counterparts+=("$1" "$2")
    "$1" start "$2" || return 1
    variables=$("$1" env "$2") || return 1
    eval "$variables"
}

# start_libvirt TESTS DIR: a private libvirtd, with the images of a guest that boots.
start_libvirt() {
    local image variables
    if [ -z "${INFRAFS_TEST_LIBVIRT_DIR:-}" ]; then
        counterpart "$1/libvirt/daemon" "$2/libvirtd" || return 1
    else
        variables=$("$1/libvirt/daemon" env "$INFRAFS_TEST_LIBVIRT_DIR") || return 1
        eval "$variables"
    fi
    if [ -z "${INFRAFS_TEST_GUEST:-}" ]; then
        "$1/libvirt/guest" "$2/guest" || return 1
        INFRAFS_TEST_GUEST=$2/guest
    fi
    export INFRAFS_TEST_LIBVIRT INFRAFS_TEST_LIBVIRT_DIR INFRAFS_TEST_GUEST
    for image in guest.qcow2 guest.iso guest.kernel guest.initrd; do
        [ -f "$INFRAFS_TEST_LIBVIRT_DIR/pool/$image" ] ||
            "$1/libvirt/daemon" add "$INFRAFS_TEST_LIBVIRT_DIR" "$INFRAFS_TEST_GUEST/$image" || return 1
    done
}

# start_aws TESTS DIR: a simulated AWS.
start_aws() { [ -n "${INFRAFS_TEST_AWS:-}" ] || counterpart "$1/aws/cloud" "$2/aws"; }

# start_store TESTS DIR: a store that speaks S3.
start_store() { [ -n "${INFRAFS_TEST_S3:-}" ] || counterpart "$1/s3/store" "$2/store"; }

# Stops what was started here, the last first.
stop_counterparts() {
    local index
    for ((index = ${#counterparts[@]} - 2; index >= 0; index -= 2)); do
        "${counterparts[index]}" stop "${counterparts[index + 1]}" || true
    done
}
