# A machine with snapshots is ENOTEMPTY; without them it goes.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web3/snapshots/first"
test -e "$P/vms/web3/snapshots/first/creation_date"
expect ENOTEMPTY rmdir "$P/vms/web3"
rmdir "$P"/vms/web3/snapshots/*
expect ok rmdir "$P/vms/web3"
