# Readers do not wait for a writer (W19).
source "$LIB/case.sh"
mount_demo
inject latency "vm.start 3000ms"
echo up > "$P/vms/web3/status" &
writer=$!
sleep 0.3
start=$(milliseconds)
matches "$(cat "$P/vms/web3/status")" '^(down|starting|up)$'
at_most $(($(milliseconds) - start)) 1000
ls -l "$P/vms" "$P/vms/web3" > /dev/null
at_most $(($(milliseconds) - start)) 2000
wait $writer
