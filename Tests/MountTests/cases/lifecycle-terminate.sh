# SIGTERM: unmounted and ended with 0, idle, and with an open file after a grace and with a warning (L3).
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
within 10 is_gone "$DAEMON"
status=0
wait "$DAEMON" || status=$?
is $status 0
DAEMON=
grep -q ' warning .*unmounted while in use' "$LOG"
# Those who were in it are told, and can go.
expect ENOTCONN list "/proc/$holder/cwd"
kill $holder
wait $holder || true
exec 4<&-
