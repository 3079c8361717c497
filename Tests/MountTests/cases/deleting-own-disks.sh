# rmdir of a machine deletes the disks that are its own.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/new"
mkdir "$P/vms/new/disks/extra"
is "$(cat "$P"/disks/*/vm | grep -cx new || true)" "$(ls "$P/vms/new/disks" | wc -l)"
echo down > "$P/vms/new/status"
await_status new down
rmdir "$P/vms/new"
is "$(cat "$P"/disks/*/vm | grep -cx new || true)" 0
