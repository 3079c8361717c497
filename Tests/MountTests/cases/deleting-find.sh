# find -delete of a machine that is down deletes it by one call (C7).
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/y"
echo down > "$P/vms/y/status"
await_status y down
reset_calls
find "$P/vms/y" -delete
expect ENOENT stat "$P/vms/y"
is "$(calls vm.delete)" 1
