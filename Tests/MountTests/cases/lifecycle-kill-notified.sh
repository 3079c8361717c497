# kill -9 while the daemon tells the kernel what has changed, and waits for locks that unanswered requests hold: all who
# wait in the mount are let go, and no process is left that cannot end.
# Limit: 180 s
#
# The seed is printed, and KILL_SEED gives it again.
source "$LIB/case.sh"
seed

# Names that come and go, with the directory's lock taken by us and by the kernel's notices to it.
movers() {
    local turn
    for turn in $(seq 100000); do
        mkdir "$P/drafts/vms/$1-$turn" && mv "$P/drafts/vms/$1-$turn" "$P/drafts/vms/moved-$1" &&
            rmdir "$P/drafts/vms/moved-$1" || return 0
    done
}
# The platform's own changes, which are told to who watches by touching them through the mount.
outsiders() {
    local turn
    for turn in $(seq 100000); do
        echo "vm.create $1-$turn" > "$P/.inject/outside" && ls "$P/vms" > /dev/null &&
            echo "vm.delete $1-$turn" > "$P/.inject/outside" || return 0
    done
}
is_dead() { [ "$(timeout -s KILL 3 "$LIB/fsop" list "$M")" = ENOTCONN ]; }

for round in $(seq "${KILL_ROUNDS:-6}"); do
    mount_config -o inotify <<< 'providers: {demo: {type: fake, vms: 20}}'
    inotifywait -mq "$P/vms" "$P/drafts/vms" > /dev/null 2>&1 & watcher=$!
    workers=()
    for number in 1 2 3; do
        movers $number 2> /dev/null & workers+=($!)
    done
    for number in 4 5; do
        outsiders $number 2> /dev/null & workers+=($!)
    done
    sleep "0.$((RANDOM % 700 + 300))"
    kill_daemon
    for worker in "${workers[@]}"; do within 10 is_gone "$worker"; done
    wait "${workers[@]}" || true
    within 5 is_dead
    kill "$watcher" 2> /dev/null || true
    wait "$watcher" 2> /dev/null || true
done
# What lets them go ends with the mount.
mount_with
guard=$(pgrep -P "$DAEMON" -x infrafs-guard)
is "$(ls "/proc/$guard/fd" | wc -l)" 1
is "$(tr -d '\0' < "/proc/$guard/cmdline")" infrafs-guard
# Only the end of the daemon is a reason.
kill -TERM "$guard"
kill -HUP "$guard"
expect ok list "$P/vms"
unmount
refuses kill -0 "$guard"
