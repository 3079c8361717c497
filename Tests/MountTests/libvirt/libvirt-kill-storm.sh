# kill -9 at random moments of a storm of writes to libvirt: every acknowledged write is there after the restart.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
for name in storm1 storm2; do make_guest $name; done
# Each turn (by a tool that looks at what close says, as the shell's own echo does not) adds a key, writes the description over, and begins a draft; what was acknowledged is noted afterwards.
storm() {
    local round=$1 name=$2 turn=0
    while turn=$((turn + 1)); do
        /bin/echo "v$round-$turn" > "$P/vms/$name/metadata/k$round-$turn" || return 0
        echo "k$round-$turn v$round-$turn" >> "keys-$name"
        /bin/echo "words $round-$turn" > "$P/vms/$name/description" || return 0
        echo "words $round-$turn" > "last-$name"
        mkdir "$P/drafts/vms/d$name-$round-$turn" || return 0
        /bin/echo "$turn" > "$P/drafts/vms/d$name-$round-$turn/cpus" || return 0
        echo "d$name-$round-$turn $turn" >> "drafts-$name"
    done
}
for round in 1 2 3; do
    pids=()
    for name in storm1 storm2; do
        storm $round $name 2> /dev/null &
        pids+=($!)
    done
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    kill -KILL "$DAEMON"
    wait "$DAEMON" 2> /dev/null || true
    DAEMON=
    for pid in "${pids[@]}"; do wait "$pid" || true; done
    expect ENOTCONN list "$M"
    mount_lab
    is "$(findmnt -rno TARGET | grep -cx "$M")" 1
    for name in storm1 storm2; do
        [ -s "keys-$name" ] || continue
        virsh dumpxml "$name" > xml
        while read -r key value; do
            is "$(cat "$P/vms/$name/metadata/$key")" "$value" "$name $key"
            grep -q "$value<" xml || fail "libvirt does not have $key of $name"
        done < "keys-$name"
        # The write that the kill cut short may have come through, with its turn one higher.
        words=$(cat "$P/vms/$name/description") last=$(cat "last-$name" 2> /dev/null || true)
        matches "$words" "^(${last:-.*}|words $round-[0-9]+)$"
        # From here the next round goes on, whether it was acknowledged or not.
        echo "$words" > "last-$name"
        [ ! -s "drafts-$name" ] ||
            while read -r draft cpus; do is "$(cat "$P/drafts/vms/$draft/cpus")" "$cpus" "$draft"; done < "drafts-$name"
    done
done
test -s keys-storm1
at_most 10 "$(cat keys-storm1 keys-storm2 | wc -l)"
