# The serial line is a stream: what is said is read, what is written is heard (X4).
source "$LIB/case.sh"
mount_demo
cat "$P/vms/web1/.serial" > said &
reader=$!
at_end 'kill $reader 2> /dev/null'
sleep 0.3
is_gone $reader && fail "the stream ended by itself"
echo 'hello there' > "$P/vms/web1/.serial"
within 10 test -s said
kill $reader
wait $reader || true
is "$(stat -c %s "$P/vms/web1/.serial")" 0
# tail shows what comes (the last lines of what has no end it would wait for), and Ctrl-C ends it.
env --default-signal=INT stdbuf -oL tail -n +1 -f "$P/vms/web1/.serial" > said 2> /dev/null &
reader=$!
within 10 bash -c "echo 'hello again' > '$P/vms/web1/.serial'; sleep 0.1; test -s '$T/said'"
kill -INT $reader
within 2 is_gone $reader
