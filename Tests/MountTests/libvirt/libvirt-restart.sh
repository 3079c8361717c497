# libvirtd is killed: EHOSTUNREACH meanwhile, never an empty listing; started again, all is as it was.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
allow_errors lab
mount_lab
make_guest back1
id=$(cat "$P/vms/back1/id") inode=$(stat -c %i "$P/vms/back1")
"$ROOT/Tests/libvirt/daemon" kill "$INFRAFS_TEST_LIBVIRT_DIR"
resume() { "$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"; }
gone=yes
at_end 'if [ -n "$gone" ]; then resume; fi'
within 5 grep -q '^down: ' "$P/status"
at_most "$(time_of ls "$M")" 500
echo x > "$P/refresh" || true
matches "$(timeout 40 "$LIB/fsop" list "$P/vms")" '^EHOSTUNREACH$'
matches "$(timeout 40 "$LIB/fsop" write "$P/vms/back1/status" up)" '^EHOSTUNREACH$'
resume
gone=
within 30 reads "$P/status" up
within 10 test -s "$P/vms/back1/id"
is "$(cat "$P/vms/back1/id") $(stat -c %i "$P/vms/back1")" "$id $inode"
echo up > "$P/vms/back1/status"
domain_is back1 running
virsh destroy back1 > /dev/null
within 1 reads "$P/vms/back1/status" down
