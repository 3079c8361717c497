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
# tail shows what comes (the last lines of what has no end it would wait for), and Ctrl-C ends it. What opens a simulated
# line has a line of its own: written is by the opening that tail reads.
exec 4<> "$P/vms/web1/.serial"
: > said
env --default-signal=INT stdbuf -oL tail -n +1 -f <&4 > said 2> /dev/null &
reader=$!
within 10 grep -q 'Linux version' said
# Line for line as they come, in their order, and it goes on until it is ended.
for line in 'hello again' 'and again' 'for the last time'; do
    refuses grep -q "$line" said
    echo "$line" >&4
    within 10 grep -q "$line" said
done
is "$(grep -oE 'hello again|and again|for the last time' said | awk '!seen[$0]++' | tr '\n' ' ')" \
    "hello again and again for the last time "
is_gone $reader && fail "tail ended by itself"
kill -INT $reader
within 2 is_gone $reader
status=0
wait $reader || status=$?
is $status 130
exec 4<&-
is "$(cat "$P/vms/web1/status")" up
