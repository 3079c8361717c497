# A platform that is busy is EBUSY (W6).
source "$LIB/case.sh"
mount_demo
inject error "vm.start busy"
expect EBUSY write "$P/vms/web3/status" up
is "$(cat "$P/vms/web3/status")" down
inject error
expect ok write "$P/vms/web3/status" up
