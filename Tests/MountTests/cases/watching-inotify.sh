# With -o inotify, those who watch see what changes on the platform: by inotifywait, and what is then read is new (X1).
# Limit: 120 s
source "$LIB/case.sh"
mount_demo -o inotify
vm=$P/vms/web2
# watch EVENT LINE... -- PATH...: in the background, until a line of its output is each of those.
watch() {
    inotifywait -q -m --format '%e %f' -e "$1" "${@:2}" > seen &
    watcher=$!
    at_end "kill $watcher 2> /dev/null"
    # It prints nothing when it is ready; its descriptor shows the watches.
    within 10 bash -c "grep -qs '^inotify wd:$#' /proc/$watcher/fdinfo/* || grep -qs '^inotify ' /proc/$watcher/fdinfo/*"
}
told() { within 10 grep -qxE "$1" seen; }
unwatch() { kill $watcher; wait $watcher 2> /dev/null || true; }

cat "$vm/memory" > /dev/null
times=$(stat -c '%y %z %i' "$P/vms/web1/memory")
audit=$(wc -l < "$M/.infrafs/audit")
# A file.
watch modify "$vm/memory"
inject outside "memory web2 3072"
told 'MODIFY '
is "$(cat "$vm/memory")" 3072
unwatch
# A directory, of a file in it.
watch modify,attrib "$P/vms/web1"
inject outside "memory web1 1024"
told 'MODIFY memory'
is "$(cat "$P/vms/web1/memory")" 1024
unwatch
# A collection: what comes, goes and gets another name.
watch create,delete "$P/vms"
inject outside "vm.create born"
told 'CREATE,ISDIR born'
is "$(cat "$P/vms/born/name")" born
inject outside "vm.rename born grown"
told 'DELETE,ISDIR born'
told 'CREATE,ISDIR grown'
inject outside "vm.delete grown"
told 'DELETE,ISDIR grown'
refuses test -e "$P/vms/grown"
# What is made and removed here is told once, by the kernel.
mkdir "$P/drafts/vms/local"
echo no > "$P/drafts/vms/local/start"
mv "$P/drafts/vms/local" "$P/vms/local"
rmdir "$P/vms/local"
inject outside "vm.create last"
told 'CREATE,ISDIR last'
is "$(grep -c ' local$' seen || true)" 1 "$(cat seen)"
unwatch
# The files of the provider.
watch modify "$P/events" "$P/overview"
inject outside "description web2 said"
told 'MODIFY '
unwatch
# A touch is no change: neither in times nor in the audit.
differs "$times" "$(stat -c '%y %z %i' "$P/vms/web1/memory")" "this one has changed"
now=$(stat -c '%Y %Z' "$P/vms/web1/cpus")
echo x > "$P/refresh"
sleep 1
is "$(stat -c '%Y %Z' "$P/vms/web1/cpus")" "$now"
refuses grep -q '"path":"demo/vms/web1/memory"' "$M/.infrafs/audit"
is "$(sed 1,"$audit"d "$M/.infrafs/audit" | grep -vcE 'local' || true)" 0 "$(cat "$M/.infrafs/audit")"
refuses grep -E 'born|grown' "$P/errors"
unmount
