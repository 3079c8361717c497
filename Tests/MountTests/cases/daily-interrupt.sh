# Ctrl-C ends a command that waits for a hung provider.
source "$LIB/case.sh"
mount_demo
inject hang vm.start
# A job of a script ignores SIGINT, unless it is told otherwise.
env --default-signal=INT bash -c "echo up > '$P/vms/web3/status'" 2> /dev/null &
waiting=$!
sleep 0.3
is_gone $waiting && fail "the command did not wait"
start=$(milliseconds)
kill -INT $waiting
wait $waiting || true
at_most $(($(milliseconds) - start)) 1000
is "$(cat "$P/vms/web3/name")" web3
inject hang
