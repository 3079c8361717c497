# A deletion that fails is reported, and the machine is still there (C14).
source "$LIB/case.sh"
mount_demo
rmdir "$P"/vms/web3/snapshots/* 2> /dev/null || true
inject error "vm.delete failed"
expect EIO rmdir "$P/vms/web3"
ls "$P/vms" | grep -qx web3
is "$(cat "$P/vms/web3/name")" web3
inject error
expect ok rmdir "$P/vms/web3"
