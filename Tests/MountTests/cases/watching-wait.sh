# .wait/STATE returns when the state is reached, and at once where it is already (X3).
source "$LIB/case.sh"
mount_demo
start=$(milliseconds)
timeout 30 cat "$P/vms/web1/.wait/up" > /dev/null
at_most $(($(milliseconds) - start)) 1000
echo up > "$P/vms/web3/status"
timeout 30 cat "$P/vms/web3/.wait/up" > /dev/null
is "$(cat "$P/vms/web3/status")" up
status=0
timeout 0.5 cat "$P/vms/web3/.wait/down" > /dev/null || status=$?
is $status 124
timeout 20 cat "$P/vms/web3/.wait/down" > /dev/null &
waiting=$!
sleep 0.3
echo down > "$P/vms/web3/status"
wait $waiting
timeout 20 "$INFRAFS" wait "$P/vms/web3" down > /dev/null 2>&1 || timeout 20 "$INFRAFS" wait "$P/vms/web3/.wait/down" > /dev/null
expect ENOENT read "$P/vms/web3/.wait/nonsense"
