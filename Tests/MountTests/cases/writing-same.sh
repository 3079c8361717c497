# Writing the value that is there succeeds and calls nobody (W5).
source "$LIB/case.sh"
mount_demo
echo up > "$P/vms/web3/status"
await_status web3 up
reset_calls
echo up > "$P/vms/web3/status"
for name in memory cpus autostart description plan name; do cat "$P/vms/web3/$name" > v; cp v "$P/vms/web3/$name"; done
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
