# Without -f the command returns when the mount answers, and the program goes on without a terminal.
source "$LIB/case.sh"
"$INFRAFS" mount --demo --log-file "$LOG" "$M" < /dev/null > output 2>&1
is "$(cat output)" ""
is "$(cat "$P/vms/web1/name")" web1
pid=$(pgrep -f "^$INFRAFS mount .*$M\$")
is "$(readlink "/proc/$pid/cwd")" /
is "$(readlink "/proc/$pid/fd/0")" /dev/null
differs "$(ps -o sid= -p "$pid" | tr -d ' ')" "$(ps -o sid= -p $$ | tr -d ' ')"
fusermount3 -u "$M"
within 5 is_gone "$pid"
