# kill -9 at random moments of a storm of writes: what was acknowledged is there after the restart, whole: old or new.
# Limit: 180 s
#
# The seed is printed, and KILL_SEED gives it again.
source "$LIB/case.sh"
seed

# A draft for each turn, with a file in it.
many() {
    local turn
    for turn in $(seq 1000); do
        mkdir "$P/drafts/vms/d$1-$turn" && echo $((1024 + turn)) > "$P/drafts/vms/d$1-$turn/memory" &&
            echo "d$1-$turn $((1024 + turn))" >> many.said || return 0
    done
}
# One file of many blocks that is written anew again and again; the number is of what was acknowledged last.
# again FILE: counts on from what was there before.
again() {
    local turn
    for turn in $(seq $(($(cat "$2.said") + 1)) 100000); do
        awk -v turn="$turn" 'BEGIN { for (i = 0; i < 4000; i++) printf "%06d ", turn; print "" }' > "$2.new"
        echo "$turn" > "$2.begun"
        cat "$2.new" > "$1" && echo "$turn" > "$2.said" || return 0
    done
}
text_of() { printf 'memory: %d\ncpus: 3\nplan: p%d\ndescription: d%d\n' $((1000 + $1)) "$1" "$1"; }
# A document of several parameters, applied when it is closed.
document() {
    local turn
    for turn in $(seq $(($(cat document.said) + 1)) 100000); do
        echo "$turn" > document.begun
        text_of "$turn" > document.new
        # A shell's own redirection closes without a look at what the close says.
        cat document.new > "$P/drafts/vms/document/info" && echo "$turn" > document.said || return 0
    done
}
# Presets as drafts are; and drafts that are thrown away do not come back.
presets() {
    local turn
    for turn in $(seq 1000); do
        mkdir "$P/profiles/p$1-$turn" && echo $((turn % 60 + 1)) > "$P/profiles/p$1-$turn/cpus" &&
            echo "p$1-$turn $((turn % 60 + 1))" >> presets.said || return 0
        mkdir "$P/drafts/networks/gone$1-$turn" && rmdir "$P/drafts/networks/gone$1-$turn" &&
            echo "gone$1-$turn" >> gone.said || return 0
    done
}
# The number that fills a file, which has no other.
filling() { tr -s ' ' '\n' < "$1" | sort -u | sed '/^$/d; s/^0*//'; }
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || fail "line ${BASH_LINENO[0]}: $1 is not from $2 to $3: $4"; }

rests() { find "$XDG_STATE_HOME/infrafs/demo/"{drafts,profiles} -type f ! -name '*.json' "$@"; }

mount_demo
mkdir "$P/drafts/vms/one" "$P/drafts/vms/document" "$P/profiles/default"
: > many.said; : > presets.said; : > gone.said
echo 0 > text.said; echo 0 > preset.said; echo 0 > document.said
is_begun() { test -s many.said && [ "$(cat text.said)" -gt 0 ] && [ "$(cat document.said)" -gt 0 ] && test -s gone.said; }
for round in 1 2 3 4 5; do
    writers=()
    many $round 2> /dev/null & writers+=($!)
    again "$P/drafts/vms/one/description" text 2> /dev/null & writers+=($!)
    again "$P/profiles/default/description" preset 2> /dev/null & writers+=($!)
    document 2> /dev/null & writers+=($!)
    presets $round 2> /dev/null & writers+=($!)
    within 20 is_begun
    sleep "0.$((RANDOM % 900 + 100))"
    kill_daemon
    wait "${writers[@]}" || true
    # What it left half written is not kept for ever.
    echo half > "$XDG_STATE_HOME/infrafs/demo/drafts/vms/.dat.nosync1.half"
    rests -exec touch -d '2 minutes ago' {} +
    mount_demo
    # They are read with the first look at them.
    ls "$P/drafts/vms" > /dev/null
    is "$(rests)" ""
    while read -r name value; do is "$(cat "$P/drafts/vms/$name/memory")" "$value" "$name"; done < many.said
    while read -r name value; do is "$(cat "$P/profiles/$name/cpus")" "$value" "$name"; done < presets.said
    while read -r name; do test ! -e "$P/drafts/networks/$name"; done < gone.said
    between "$(filling "$P/drafts/vms/one/description")" "$(cat text.said)" "$(cat text.begun)" text
    between "$(filling "$P/profiles/default/description")" "$(cat preset.said)" "$(cat preset.begun)" preset
    turn=$(sed -n 's/^plan: p//p' "$P/drafts/vms/document/info")
    between "$turn" "$(cat document.said)" "$(cat document.begun)" document
    is "$(cat "$P/drafts/vms/document/info")" "$(text_of "$turn")"
done
unmount
echo "acknowledged: $(wc -l < many.said) drafts, $(wc -l < presets.said) presets, $(cat text.said) texts, $(cat document.said) documents"
