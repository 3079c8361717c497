# kill -9 at random moments of a storm of writes to libvirt: every acknowledged one is there after the restart: metadata,
# texts, snapshots, drafts; and what was acknowledged as removed is not.
# Limit: 240 s
#
# The seed is printed, and KILL_SEED gives it again.
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
seed
mount_lab
for name in storm1 storm2 storm3; do make_guest $name; done
: > made; : > unmade
# Each turn (by a tool that looks at what close says, as the shell's own echo does not) adds a key, writes the description
# over, and begins a draft; what was acknowledged is noted afterwards.
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
        /bin/echo gone > "$P/vms/$name/metadata/gone$round-$turn" && rm "$P/vms/$name/metadata/gone$round-$turn" || return 0
        echo "gone$round-$turn" >> "gone-$name"
    done
}
# Snapshots of a third, and each that was before the last goes.
snap() {
    local round=$1 turn=0 last=
    while turn=$((turn + 1)); do
        mkdir "$P/vms/storm3/snapshots/s$round-$turn" || return 0
        echo "s$round-$turn" >> made
        [ -z "$last" ] || { rmdir "$P/vms/storm3/snapshots/$last" || return 0; echo "$last" >> unmade; }
        last=
        [ $((turn % 2)) -ne 0 ] || last=s$round-$turn
    done
}
snapshots_of() { virsh snapshot-list "$1" --name | sed '/^$/d' | sort; }
for round in 1 2 3; do
    pids=()
    for name in storm1 storm2; do
        storm $round $name 2> /dev/null &
        pids+=($!)
    done
    snap $round 2> /dev/null &
    pids+=($!)
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    kill_daemon
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
        [ ! -s "gone-$name" ] || while read -r key; do
            refuses test -e "$P/vms/$name/metadata/$key"
            refuses grep -q ":$key>" xml
        done < "gone-$name"
        # The write that the kill cut short may have come through, with its turn one higher.
        words=$(cat "$P/vms/$name/description") last=$(cat "last-$name" 2> /dev/null || true)
        matches "$words" "^(${last:-.*}|words $round-[0-9]+)$"
        # From here the next round goes on, whether it was acknowledged or not.
        echo "$words" > "last-$name"
        [ ! -s "drafts-$name" ] ||
            while read -r draft cpus; do is "$(cat "$P/drafts/vms/$draft/cpus")" "$cpus" "$draft"; done < "drafts-$name"
    done
    # One that a kill cut short may have come through, or gone; of the others none.
    snapshots_of storm3 > there
    sort made | comm -23 - <(sort unmade) > wanted
    at_most "$(comm -23 wanted there | wc -l)" $round "snapshots that were acknowledged, but for one removal a kill"
    is "$(sort unmade | comm -12 - there)" "" "snapshots that were removed"
    at_most "$(comm -13 <(sort made) there | wc -l)" $round "snapshots that nobody was told of, but for one a kill"
    ls "$P/vms/storm3/snapshots" | sort | diff there -
done
test -s keys-storm1
test -s gone-storm1
at_most 3 "$(wc -l < made)"
at_most 10 "$(cat keys-storm1 keys-storm2 | wc -l)"
