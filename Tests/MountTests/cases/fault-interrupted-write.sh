# An interrupt ends a write that waits, at once (W18).
source "$LIB/case.sh"
mount_demo
inject latency "vm.start 60000ms"
for signal in INT TERM KILL; do
    # A job of a script ignores SIGINT, unless it is told otherwise.
    env --default-signal=INT "$LIB/fsop" write "$P/vms/web3/status" up 2> /dev/null &
    writer=$!
    sleep 0.4
    is_gone $writer && fail "the write did not wait"
    start=$(milliseconds)
    kill -"$signal" "$writer"
    wait $writer || true
    at_most $(($(milliseconds) - start)) 1000
done
inject latency
is "$(cat "$P/vms/web3/name")" web3
