# What infrafs-tree(7) says is never listed is in no listing, and there by name.
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/d1"
find "$M" -name '.*' -not -path "$M" > listed
is "$(cat listed)" ""
awk '/^\.Sh WHAT IS NEVER LISTED$/ { inside = 1; next } /^\.Sh / { inside = 0 } inside' "$ROOT/man/infrafs-tree.7" |
    sed -nE 's/^\.Pa (\.[a-z]+) ?,?$/\1/p' > names
[ "$(wc -l < names)" -ge 7 ]
while read -r name; do
    found=no
    for place in "$M" "$P" "$P/vms/web1" "$P/drafts/vms/d1"; do if [ -e "$place/$name" ]; then found=yes; fi; done
    is $found yes "$name"
done < names
