# examples/watch-events prints every line once: over a journal that is cut, a mount that goes and one that comes back.
# Limit: 60 s
source "$LIB/case.sh"
watch=$ROOT/examples/watch-events
watcher=
cleanup() { [ -z "$watcher" ] || kill "$watcher" 2> /dev/null; }
begin() {
    "$watch" --interval 0.1 "$@" > seen 2> notes &
    watcher=$!
}
finish_watch() {
    kill -TERM "$watcher"
    wait "$watcher"
    watcher=
}

# A file that is cut as the journal is.
mkdir plain
seq 1000 > plain/events
begin plain
sleep 0.4
seq 1001 2000 >> plain/events
within 5 grep -qx 2000 seen
seq 1600 2500 > halved
cp halved plain/events
within 5 grep -qx 2500 seen
rm plain/events
within 5 grep -q away notes
seq 3 > plain/events
within 5 grep -qx 3 seen
finish_watch
{ seq 1001 2500; seq 3; } | diff - seen
is "$(grep -c 'is a new one' notes)" 1
begin --from-start plain
within 5 grep -qx 3 seen
finish_watch
seq 3 | diff - seen

# The journal of a mount, which it does not keep busy.
mount_demo
begin "$P"
sleep 0.4
echo 3 > "$P/vms/web3/cpus"
within 5 grep -q '"web3"' seen
inject outside 'memory web2 4096'
within 5 grep -q '"web2"' seen
grep -v '^{.*}$' seen && fail "a line is no JSON object"
unmount
within 5 grep -q away notes
mount_demo
within 5 grep -q back notes
sleep 0.5
inject outside 'memory lb1 4096'
within 5 grep -q '"lb1"' seen
finish_watch
is "$(jq -s 'map(select(.name == "web2" and (.attributes | index("memory")))) | length' seen)" 1
