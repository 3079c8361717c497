# O4: a daemon that is killed in the middle of uploads leaves each object old or new, never a mixture and nothing half.
# Limit: 180 s
#
# The seed is printed, and KILL_SEED gives it again.
source "$LIB/case.sh"
source "$LIB/s3.sh"
seed
mount_store
make_bucket
echo old > "$B/o"
(head -c 60000000 /dev/zero; sleep 60) > "$B/o" &
writer=$!
is_on_its_way() { [ "$(stat -c %s "$B/o")" -gt 20000000 ]; }
within 20 is_on_its_way
kill_daemon
kill "$writer" 2> /dev/null || true
umount -l "$M"
is "$(boto <<< 'print(s3.get_object(Bucket=b, Key="o")["Body"].read().decode(), end="")')" old
mount_store
is "$(cat "$B/o")" old

# Writers of small and of large ones, over and over and each anew; each content is one number, written all over.
content() { yes "$1" 2> /dev/null | head -c "$2" || true; }
sizes=(small:40000 large:20000000)
storm() {
    local name=$1 size=$2 turn
    for turn in $(seq $(($(cat "$name.said") + 1)) 100000); do
        content "$turn" "$size" > "$name.new"
        echo "$turn" > "$name.begun"
        # A tool that looks at what close says.
        cp "$name.new" "$B/$name" && echo "$turn" > "$name.said" || return 0
        mkdir -p "$B/d$turn" && cp "$name.new" "$B/d$turn/$name" && mv "$B/d$turn/$name" "$B/d$turn/$name.moved" &&
            echo "$turn" >> "$name.moved" || return 0
    done
}
# judge NAME SIZE: what the store itself has of them.
judge() {
    boto "$1" "$2" "$(cat "$1.said")" "$(cat "$1.begun")" "$1.moved" <<'Y'
name, size, said, begun = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
def whole(turn): return (b"%d\n" % turn * (size // 2 + 1))[:size]
def get(key): return s3.get_object(Bucket=b, Key=key)["Body"].read()
body = get(name)
turn = int(body.split(b"\n")[0])
assert said <= turn <= begun and body == whole(turn), (name, said, turn, begun, len(body))
# Every acknowledged move is there, whole; what was under way is whole under its old name or its new one.
for turn in [int(line) for line in open(sys.argv[5])][-5:]:
    assert get("d%d/%s.moved" % (turn, name)) == whole(turn), turn
for entry in s3.list_objects_v2(Bucket=b, Prefix="d%d/" % begun).get("Contents", []):
    if name in entry["Key"]:
        assert get(entry["Key"]) == whole(begun), entry["Key"]
print(name, "turn", turn, "of", begun)
Y
}
for entry in "${sizes[@]}"; do
    name=${entry%:*}
    content 0 "${entry#*:}" > "$B/$name"
    echo 0 > "$name.said"
    echo 0 > "$name.begun"
    : > "$name.moved"
done
is_begun() { [ "$(cat small.said)" -gt $((round * 2)) ] && [ "$(cat large.said)" -gt 0 ]; }
for round in 1 2 3 4; do
    writers=()
    for entry in "${sizes[@]}"; do
        storm "${entry%:*}" "${entry#*:}" 2> /dev/null &
        writers+=($!)
    done
    within 30 is_begun
    sleep "0.$((RANDOM % 900 + 100))"
    kill_daemon
    wait "${writers[@]}" || true
    umount -l "$M"
    for entry in "${sizes[@]}"; do judge "${entry%:*}" "${entry#*:}"; done
    mount_store
    for entry in "${sizes[@]}"; do is "$(stat -c %s "$B/${entry%:*}")" "${entry#*:}"; done
done
# What is left of them is at most what was under way at each kill, as the manual says, and no object.
at_most "$(debris)" $((1 + 4 * 2))
