# -o inotify does not go with ro, is an option of the configuration too, and without it nothing is touched.
source "$LIB/case.sh"
refuses "$INFRAFS" mount --demo -o inotify,ro "$M" 2> errors
is "$(wc -l < errors)" 1
has read_only errors
mount_config <<'Y'
providers:
  demo: {type: fake, read_only: true}
mount: {inotify: yes}
Y
inotifywait -q -t 20 -e modify "$P/vms/web2/memory" > seen &
watcher=$!
within 10 bash -c "grep -qs '^inotify ' /proc/$watcher/fdinfo/*"
inject outside "memory web2 3072"
wait $watcher
has MODIFY seen
unmount
rm "$XDG_CONFIG_HOME/infrafs/config.yaml"
mount_demo
cat "$P/vms/web2/memory" > /dev/null
status=0
inotifywait -q -t 2 "$P/vms/web2/memory" > seen &
watcher=$!
within 10 bash -c "grep -qs '^inotify ' /proc/$watcher/fdinfo/*"
inject outside "memory web2 4096"
wait $watcher || status=$?
is "$status" 2 "$(cat seen)"
