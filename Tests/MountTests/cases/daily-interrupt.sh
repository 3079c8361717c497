# Ctrl-C ends a command that waits for a hung provider.
source "$LIB/case.sh"
allow_errors .
mount_demo
inject hang vm.start
bash -c "echo up > '$P/vms/web3/status'" &
waiting=$!
sleep 0.3
kill -0 $waiting
start=$(milliseconds)
# A job of a script ignores SIGINT unless it is told otherwise: SIGTERM ends a wait in the kernel the same way.
kill -TERM $waiting
wait $waiting || true
at_most $(($(milliseconds) - start)) 1000
timeout --foreground -s INT 0.3 python3 "$LIB/fsop" write "$P/vms/web3/status" up || is $? 124
is "$(cat "$P/vms/web3/name")" web3
inject hang
