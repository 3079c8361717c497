# A machine starts by one call, whatever the tool: dd (W1, W2).
source "$LIB/case.sh"
mount_demo
S=$P/vms/web3/status
reset_calls
echo up | dd of="$S" conv=notrunc status=none
matches "$(cat "$S")" '^(starting|up)$'
is "$(calls vm.start)" 1
is "$(changes)" 1
await_status web3 up
is "$(calls vm.start)" 1
