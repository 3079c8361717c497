# A libvirt host that cannot be reached: the mount is there, its status says why, and nothing is ENOENT.
source "$LIB/case.sh"
start=$(milliseconds)
mount_config <<Y
providers:
  none: {type: kvm, url: "qemu+unix:///system?socket=$WORK/no-such-socket", timeout: 3s}
  demo: {type: fake}
Y
at_most $(($(milliseconds) - start)) 2000
within 5 grep -q '^down: ' "$M/none/status"
matches "$(timeout 20 "$LIB/fsop" list "$M/none/vms")" '^EHOSTUNREACH$'
is "$(cat "$M/demo/vms/web1/name")" web1
refuses timeout 20 "$INFRAFS" check > checked 2>&1
grep -q none checked
