# du of a bucket tree: apparent and allocated sizes agree with the objects (M6).
source "$LIB/case.sh"
mount_demo
bucket=$(ls "$P/buckets" | head -n 1)
apparent=$(du -sb "$P/buckets/$bucket" | cut -f 1)
sum=$(find "$P/buckets/$bucket" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
is "$apparent" "$sum"
[ "$(du -sk "$P/buckets/$bucket" | cut -f 1)" -gt 0 ]
