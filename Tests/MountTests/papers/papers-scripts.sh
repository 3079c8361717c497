# Every example that is a script says how it is used, refuses what it does not know, and shellcheck has no complaint.
source "$LIB/case.sh"
count=0
for script in "$ROOT"/examples/*; do
    head -n 1 "$script" | grep -q '^#!/bin/bash' || continue
    name=$(basename "$script")
    [ -x "$script" ] || fail "$name cannot be executed"
    shellcheck "$script"
    "$script" --help > help || fail "$name --help: exit $?"
    [ "$name" = quickstart ] && continue
    count=$((count + 1))
    grep -q "^Usage: $name " help || fail "$name --help does not begin with how it is used"
    grep -q '^set -euo pipefail$' "$script"
    for arguments in '' '--nonsense'; do
        status=0
        # shellcheck disable=SC2086
        "$script" $arguments > out 2> message || status=$?
        is "$status" 2 "$name $arguments"
        is "$(cat out)" '' "$name $arguments"
        grep -q '^Usage: ' message
    done
done
is "$count" 4
