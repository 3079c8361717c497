# With -o inotify a watcher of the mount sees a change from outside (X1).
source "$LIB/case.sh"
mount_demo -o inotify
cat "$P/vms/web2/memory" > /dev/null
inotifywait -q -t 10 "$P/vms/web2/memory" > seen 2>&1 &
watcher=$!
at_end 'kill $watcher 2> /dev/null'
sleep 0.5
inject outside "memory web2 4096"
wait $watcher
test -s seen
