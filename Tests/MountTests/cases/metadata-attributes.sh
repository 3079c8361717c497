# Extended attributes tell the id and the provider (M9).
source "$LIB/case.sh"
mount_demo
getfattr -d "$P/vms/web1" > attributes
grep -qx "user.infrafs.id=\"$(cat "$P/vms/web1/id")\"" attributes
grep -qx 'user.infrafs.provider="demo"' attributes
expect ENODATA getxattr "$P/vms/web1" user.none
expect EOPNOTSUPP setxattr "$P/vms/web1" user.mine value
