# What README refers to is there, and its configuration is one.
source "$LIB/case.sh"
grep -oE '\]\([^)]*\)' "$ROOT/README.md" | sed 's/^](//; s/)$//' | sort -u > links
[ -s links ]
while read -r link; do [ -e "$ROOT/$link" ] || fail "README refers to $link, which is not there"; done < links
grep -oE '^(examples|Tests)/[a-z]+' "$ROOT/README.md" | while read -r command; do
    [ -x "$ROOT/$command" ] || fail "README tells to run $command, which is not there"
done
awk '/^```yaml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$ROOT/README.md" > config.yaml
chmod 600 config.yaml
"$INFRAFS" mount --dry-run --config config.yaml "$M"
