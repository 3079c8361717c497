# Every word of status does what it says.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
echo up > "$vm/status"; await_status web3 up
echo suspend > "$vm/status"; await_status web3 suspended
echo resume > "$vm/status"; await_status web3 up
echo pause > "$vm/status"; await_status web3 paused
echo resume > "$vm/status"; await_status web3 up
echo restart > "$vm/status"; is "$(cat "$vm/status")" starting; await_status web3 up
echo reset > "$vm/status"; is "$(cat "$vm/status")" starting; await_status web3 up
echo shutdown > "$vm/status"; await_status web3 down
echo up > "$vm/status"; await_status web3 up
echo down > "$vm/status"; await_status web3 down
