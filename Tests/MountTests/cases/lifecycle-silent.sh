# Where what is mounted does not answer, another mount there ends with the reason, and umount -f lets those go who wait.
source "$LIB/case.sh"
allow_errors 'mount failed'
mount_demo
ls "$P/vms" > /dev/null
kill -STOP "$DAEMON"
at_end 'kill -CONT $DAEMON 2> /dev/null'
fsop mkdir "$P/drafts/vms/waits" > made &
waiting=$!
start=$(milliseconds)
status=0
"$INFRAFS" mount --demo "$M" 2> words || status=$?
is $status 73 "$(cat words)"
at_most $(($(milliseconds) - start)) 30000
grep -q "does not answer.*umount -f" words
kill -0 $waiting
# It says that the mount is busy, as somebody waits in it, and ends the connection all the same.
umount -f "$M" 2> /dev/null || true
within 10 is_gone $waiting
is "$(cat made)" ECONNABORTED
kill -CONT "$DAEMON"
within 10 is_gone "$DAEMON"
wait "$DAEMON" 2> /dev/null || true
DAEMON=
