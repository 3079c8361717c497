# rm -r deletes a machine that is down, by one call.
source "$LIB/case.sh"
mount_demo
is "$(cat "$P/vms/web3/status")" down
ls "$P/vms/web3/snapshots" | while read -r name; do rmdir "$P/vms/web3/snapshots/$name"; done
reset_calls
rm -r "$P/vms/web3"
is "$(calls vm.delete)" 1
expect ENOENT stat "$P/vms/web3"
is "$(ls "$P/vms" | wc -l)" 11
