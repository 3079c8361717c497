# The serial line is a stream: what is said is read, what is written is heard (X4).
source "$LIB/case.sh"
mount_demo
cat "$P/vms/web1/.serial" > said &
reader=$!
cleanup() { kill $reader 2> /dev/null; }
sleep 0.3
is_gone $reader && fail "the stream ended by itself"
echo 'hello there' > "$P/vms/web1/.serial"
within 10 test -s said
kill $reader
wait $reader || true
is "$(stat -c %s "$P/vms/web1/.serial")" 0
