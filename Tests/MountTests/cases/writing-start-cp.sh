# A machine starts by one call, whatever the tool: cp (W1, W2).
source "$LIB/case.sh"
mount_demo
S=$P/vms/web3/status
reset_calls
echo up > v; cp v "$S"
matches "$(cat "$S")" '^(starting|up)$'
is "$(calls vm.start)" 1
is "$(changes)" 1
await_status web3 up
is "$(calls vm.start)" 1
