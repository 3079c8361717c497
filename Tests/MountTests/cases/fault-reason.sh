# After a failure the reason is in .error, errors, the attribute and `infrafs why`, and one line of the log (W10).
source "$LIB/case.sh"
mount_demo
inject error "vm.start busy 1 the host reboots, request 4711"
expect EBUSY write "$P/vms/web3/status" up
grep -q 4711 "$P/vms/web3/.error"
grep -q 4711 <(getfattr -n user.infrafs.error --only-values "$P/vms/web3/status")
grep -q 4711 "$P/errors"
grep -q EBUSY "$P/errors"
"$INFRAFS" why "$P/vms/web3/status" | grep -q 4711
is "$(grep -c 4711 "$LOG")" 1
