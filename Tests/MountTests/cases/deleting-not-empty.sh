# What holds something is not deleted: buckets and pools are ENOTEMPTY, networks in use EBUSY (C16).
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/full"
echo content > "$P/buckets/full/object"
expect ENOTEMPTY rmdir "$P/buckets/full"
is "$(cat "$P/buckets/full/object")" content
pool=$(cat "$P/vms/web1/disks/vda/pool")
expect ENOTEMPTY rmdir "$P/pools/$pool"
expect EBUSY rmdir "$P/networks/$(head -n 1 "$P/vms/web1/ports")"
