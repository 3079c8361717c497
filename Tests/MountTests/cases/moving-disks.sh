# A disk is detached and attached by mv, with its content kept.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web3/disks/d2"
size=$(cat "$P/vms/web3/disks/d2/size")
reset_calls
mv "$P/vms/web3/disks/d2" "$P/disks/"
refuses test -e "$P/vms/web3/disks/d2"
is "$(calls disk.delete)" 0
name=$(grep -L . "$P"/disks/*/vm | xargs -d '\n' -n 1 dirname | xargs -d '\n' -n 1 basename | grep d2)
is "$(cat "$P/disks/$name/size")" "$size"
mv "$P/disks/$name" "$P/vms/db1/disks/"
is "$(ls "$P/vms/db1/disks" | wc -l)" 2
