# mv renames a machine; mv of a file onto an attribute writes it.
source "$LIB/case.sh"
mount_demo
id=$(cat "$P/vms/web3/id")
mv "$P/vms/web3" "$P/vms/shop3"
is "$(cat "$P/vms/shop3/id")" "$id"
is "$(cat "$P/vms/shop3/name")" shop3
expect ENOENT stat "$P/vms/web3"
echo 4 > four
mv four "$P/vms/shop3/cpus"
is "$(cat "$P/vms/shop3/cpus")" 4
refuses test -e four
