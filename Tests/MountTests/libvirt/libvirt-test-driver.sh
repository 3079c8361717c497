# test:///default: libvirt's own test driver is mounted, read, changed.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  lab: {type: kvm, url: "test:///default"}
Y
P=$M/lab
within 10 reads "$P/status" up
is "$(ls "$P/vms")" test
is "$(cat "$P/vms/test/status")" up
is "$(cat "$P/vms/test/memory")" "$(virsh -q -c test:///default dominfo test | awk '/^Used memory/ { print $3 / 1024 }')"
ls -laR "$P" > /dev/null
echo suspend > "$P/vms/test/status"
is "$(cat "$P/vms/test/status")" suspended
echo resume > "$P/vms/test/status"
echo down > "$P/vms/test/status"
is "$(cat "$P/vms/test/status")" down
expect EINVAL write "$P/vms/test/memory" much
tar -C "$M" --exclude=data -cf all.tar lab 2> warnings
is "$(cat warnings)" ""
