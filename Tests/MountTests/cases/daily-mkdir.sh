# mkdir makes a machine that is there at once.
source "$LIB/case.sh"
mount_demo
reset_calls
mkdir "$P/vms/web9"
is "$(calls vm.create)" 1
is "$(cat "$P/vms/web9/name")" web9
ls "$P/vms" | grep -qx web9
test -s "$P/vms/web9/status"
