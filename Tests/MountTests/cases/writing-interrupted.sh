# What the man page says of an interrupted write: what was sent is sent once and not taken back, what still waited for its
# turn is not sent, the audit trail has the first, and the next read tells what came of it (W18).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
before=$(cat "$vm/cpus")
inject latency "vm.memory 60000ms"
reset_calls
# A job of a script ignores SIGINT, unless it is told otherwise.
write() { env --default-signal=INT "$LIB/fsop" write "$@" 2> /dev/null & }
is_asked() { [ "$(calls vm.memory)" = 1 ]; }
write "$vm/memory" 3072
sent=$!
within 20 is_asked
write "$vm/cpus" 3
waiting=$!
# It waits for the write of the same machine that is under way.
sleep 1
is_gone $waiting && fail "the second write did not wait"
start=$(milliseconds)
kill -INT $waiting
wait $waiting || true
at_most $(($(milliseconds) - start)) 3000
kill -INT $sent
wait $sent || true
inject latency
within 10 has 'vms/web3/memory' "$M/.infrafs/audit"
is "$(calls vm.memory) $(calls vm.cpus) $(changes)" "1 0 1" "$(cat "$P/.inject/calls")"
is "$(cat "$vm/cpus")" "$before"
has 'vms/web3/memory.*interrupted' "$M/.infrafs/audit"
# The machine takes the next one as if nothing had been.
expect ok write "$vm/cpus" 3
is "$(cat "$vm/cpus") $(calls vm.cpus)" "3 1"
