# A disk is detached and attached by mv, with its content kept.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web3/disks/d2"
size=$(cat "$P/vms/web3/disks/d2/size")
free() { for disk in "$P"/disks/*; do [ -s "$disk/vm" ] || echo "$disk"; done; }
free > before
reset_calls
mv "$P/vms/web3/disks/d2" "$P/disks/"
refuses test -e "$P/vms/web3/disks/d2"
is "$(calls disk.delete)" 0
free > after
disk=$(comm -13 before after)
is "$(cat "$disk/size")" "$size"
mv "$disk" "$P/vms/db1/disks/"
refuses test -d "$P/vms/web3/disks/d2"
grep -qx db1 "$disk/vm"
