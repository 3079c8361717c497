# rmdir takes effect at once, and its name can be used again (C5).
source "$LIB/case.sh"
mount_demo
rmdir "$P"/vms/web3/snapshots/* 2> /dev/null || true
id=$(cat "$P/vms/web3/id")
rmdir "$P/vms/web3"
expect ENOENT stat "$P/vms/web3"
expect ENOENT rmdir "$P/vms/web3"
mkdir "$P/vms/web3"
differs "$(cat "$P/vms/web3/id")" "$id"
