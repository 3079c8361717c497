# infrafs-tree(7) has every errno that the mount answers, and no other.
source "$LIB/case.sh"
grep -oE 'Self\(E[A-Z0-9]+,' "$ROOT/Sources/MountBridge/Errno+Errors.swift" | tr -d '(,' | sed 's/^Self//' | sort -u > answered
awk '/^\.Sh ERROR NUMBERS$/ { inside = 1; next } /^\.Sh / { inside = 0 } inside' "$ROOT/man/infrafs-tree.7" |
    sed -n 's/^\.It Er //p' | sed 's/ , /\n/g' | sort -u > described
[ -s answered ]
diff answered described
