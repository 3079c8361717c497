# Snapshots are made, gone back to, and deleted.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
mkdir "$vm/snapshots/before"
echo 8 > "$vm/cpus"
echo before > "$vm/revert"
within 5 reads "$vm/snapshots/before/current" yes
rmdir "$vm/snapshots/before"
refuses test -e "$vm/snapshots/before"
expect EINVAL write "$vm/revert" none
