# SIGTERM: unmounted and ended with 0, idle and with an open file (L3).
source "$LIB/case.sh"
mount_demo
kill -TERM "$DAEMON"
within 5 is_gone "$DAEMON"
status=0
wait "$DAEMON" || status=$?
is $status 0
DAEMON=
refuses mountpoint -q "$M"

mount_demo
exec 4< "$P/vms/web1/info"
(cd "$P/vms" && exec sleep 30) &
holder=$!
at_end 'kill $holder 2> /dev/null; exec 4<&-'
kill -TERM "$DAEMON"
within 10 bash -c "! mountpoint -q '$M'"
kill $holder
wait $holder || true
exec 4<&-
within 10 is_gone "$DAEMON"
DAEMON=
