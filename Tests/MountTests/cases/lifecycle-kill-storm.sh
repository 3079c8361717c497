# kill -9 in a storm of writes: each acknowledged draft and profile is whole after the restart.
source "$LIB/case.sh"
for round in 1 2 3; do
    mount_demo
    : > acknowledged
    (for turn in $(seq 1000); do
        mkdir "$P/drafts/vms/d$round-$turn" && echo "$((1024 + turn))" > "$P/drafts/vms/d$round-$turn/memory" &&
            echo "d$round-$turn $((1024 + turn))" >> acknowledged || exit 0
    done) 2> /dev/null &
    storm=$!
    within 20 test -s acknowledged
    sleep 0.$((RANDOM % 5 + 3))
    kill -KILL "$DAEMON"
    wait "$DAEMON" 2> /dev/null || true
    DAEMON=
    wait $storm || true
    mount_demo
    test -s acknowledged
    while read -r name value; do is "$(cat "$P/drafts/vms/$name/memory")" "$value" "$name"; done < acknowledged
    unmount
done
