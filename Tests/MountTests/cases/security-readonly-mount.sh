# -o ro: every write is EROFS (W17).
source "$LIB/case.sh"
mount_demo -o ro
vm=$P/vms/web3
expect EROFS write "$vm/status" up
expect EROFS truncate "$vm/status" 0
expect EROFS mkdir "$P/vms/new"
expect EROFS rmdir "$vm"
expect EROFS unlink "$vm/status"
expect EROFS rename "$vm" "$P/vms/other"
expect EROFS create "$vm/new"
expect EROFS chmod "$vm/status" 777
expect EROFS setxattr "$vm" user.x y
expect ok read "$vm/status"
matches "$(findmnt -no OPTIONS "$M")" '(^|,)ro(,|$)'
