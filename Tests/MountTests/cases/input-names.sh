# Names that cannot be are refused with a precise errno: of 256 bytes, with a line's end, with a dot before them; 255 are well.
source "$LIB/case.sh"
mount_demo
long=$(printf 'n%.0s' $(seq 256)) most=$(printf 'n%.0s' $(seq 255))
expect ENAMETOOLONG stat "$P/vms/$long"
expect ENOENT stat "$P/vms/$most"
for collection in vms drafts/vms networks disks pools images security_groups profiles vms/web3/snapshots vms/web3/disks; do
    # Nothing is as long already: the names that are there are compared whole.
    ls "$P/$collection" > before
    expect ENAMETOOLONG mkdir "$P/$collection/$long"
    expect EINVAL mkdir "$P/$collection/"$'two\nlines'
    expect EINVAL mkdir "$P/$collection/two%0Alines"
    expect EINVAL mkdir "$P/$collection/bell%07"
    ls "$P/$collection" | diff before -
    expect ok mkdir "$P/$collection/$most"
    test -d "$P/$collection/$most"
    ls "$P/$collection" | has -Fx "$most"
    expect EEXIST mkdir "$P/$collection/$most"
done
# Where the platform has rules of its own, they are told.
for name in buckets/$most dns/$most; do expect EINVAL mkdir "$P/$name"; done
expect ok write-new "$P/vms/web3/metadata/$most" value
is "$(cat "$P/vms/web3/metadata/$most")" value
expect ENAMETOOLONG write-new "$P/vms/web3/metadata/$long" value
expect EINVAL write-new "$P/vms/web3/metadata/"$'two\nlines' value
expect ENAMETOOLONG rename "$P/vms/web2" "$P/vms/$long"
# rename(2) means another thing by EINVAL: see infrafs-tree(7).
expect ECANCELED rename "$P/vms/web2" "$P/vms/"$'two\nlines'
for way in name clone; do
    expect ENAMETOOLONG write "$P/vms/web2/$way" "$long"
    expect EINVAL write "$P/vms/web2/$way" $'two\nlines'
done
test -d "$P/vms/web2"
# A key may have a line's end, and is written as it is listed.
mkdir "$P/buckets/names"
expect ok write-new "$P/buckets/names/two%0Alines" value
expect EINVAL write-new "$P/buckets/names/"$'two\nlines' value
is "$(ls "$P/buckets/names")" two%0Alines
rm "$P/buckets/names/two%0Alines"

expect EINVAL mkdir "$P/vms/.hidden"
expect EPERM mkdir "$M/new"
expect EPERM mkdir "$P/new"
expect EPERM mkdir "$P/vms/web1/new"
matches "$(fsop mkdir "$P/vms/$(printf 'a\001b')")" '^EINVAL$'
expect ENOTDIR stat "$P/vms/web1/status/x"
expect ENOENT stat "$P/vms/none/status"
# What was refused is one line each, whatever is in its name: nobody writes a line of the log that is not so.
fsop mkdir "$P/vms/"$'forged\n2026-01-01T00:00:00.000Z error infrafs: it burns\e[2J' > /dev/null
refuses grep -aq '^2026-01-01' "$LOG" "$P/errors" "$M/.infrafs/log"
refuses grep -aq $'\e' "$LOG" "$P/errors" "$M/.infrafs/log"
for file in "$LOG" "$P/errors" "$M/.infrafs/log"; do has 'forged%0A2026-01-01' "$file"; done
