# A disk that is moved out of a machine has its volume's own name; another is refused, and it stays attached.
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/web3/disks/d2"
ls "$P/disks" > volumes
expect EOPNOTSUPP rename "$P/vms/web3/disks/d2" "$P/disks/mine"
test -d "$P/vms/web3/disks/d2"
ls "$P/disks" | diff volumes -
mv "$P/vms/web3/disks/d2" "$P/disks/"
refuses test -d "$P/vms/web3/disks/d2"
ls "$P/disks" | diff volumes -
