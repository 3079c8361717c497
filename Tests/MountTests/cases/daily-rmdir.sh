# rmdir deletes a machine that is down; it is gone at once.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web9"
echo down > "$P/vms/web9/status"
await_status web9 down
reset_calls
rmdir "$P/vms/web9"
is "$(calls vm.delete)" 1
expect ENOENT stat "$P/vms/web9"
refuses bash -c "ls '$P/vms' | grep -qx web9"
