# Fifty writers who start a machine at once make one call, and none fails (W15).
source "$LIB/case.sh"
mount_demo
reset_calls
for _ in $(seq 50); do
    (echo up > "$P/vms/web3/status" || echo failed) >> results 2>&1 &
    writers+=($!)
done
wait "${writers[@]}"
is "$(cat results)" ""
is "$(calls vm.start)" 1
await_status web3 up
