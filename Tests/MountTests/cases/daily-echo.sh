# echo into an attribute changes the machine, and what is read next shows it.
source "$LIB/case.sh"
mount_demo
echo 3 > "$P/vms/web3/cpus"
is "$(cat "$P/vms/web3/cpus")" 3
echo up > "$P/vms/web3/status"
matches "$(cat "$P/vms/web3/status")" '^(starting|up)$'
await_status web3 up
