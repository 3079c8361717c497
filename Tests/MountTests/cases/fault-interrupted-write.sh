# An interrupt ends a write that waits, at once (W18).
source "$LIB/case.sh"
mount_demo
inject latency "vm.start 60000ms"
for signal in INT TERM KILL; do
    python3 "$LIB/fsop" write "$P/vms/web3/status" up &
    writer=$!
    sleep 0.4
    is_gone $writer && fail "the write did not wait"
    start=$(milliseconds)
    # Python takes SIGINT also where a shell made it ignore it: it is told to.
    kill -$([ $signal = INT ] && echo TERM || echo $signal) $writer
    wait $writer || true
    at_most $(($(milliseconds) - start)) 1000
done
inject latency
is "$(cat "$P/vms/web3/name")" web3
