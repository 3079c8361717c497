# A small file is one PUT in, one GET out and one DELETE, and what a second of look-ups costs beside it.
source "$LIB/case.sh"
source "$LIB/s3.sh"
start_proxy
INFRAFS_TEST_S3=$PROXY mount_store
make_bucket

# Runs a command; its requests are in `seen`.
watched() {
    local began=$SECONDS
    curl -sf "$PROXY/-/seen" > /dev/null
    "$@"
    seconds=$((SECONDS - began + 1))
    curl -sf "$PROXY/-/seen" > seen
}
seen() { grep -c "$1" seen || true; }
# Beside one request a file: what is asked for once a second, however many files there are.
few() { at_most "$(($(wc -l < seen) - 100))" $((20 + 15 * seconds)) "$1: $(sed 's/[0-9].*//' seen | sort | uniq -c)"; }

mkdir files
for index in $(seq 100); do head -c 4096 /dev/urandom > "files/$index"; done
watched cp -r files "$B/dir"
is "$(seen '^PUT .*/dir/[0-9]')" 100
few "in"
watched rm -r "$B/dir"
is "$(seen '^DELETE .*/dir/[0-9]')" 100
few "removed"
cp -r files "$B/out"
unmount
INFRAFS_TEST_S3=$PROXY mount_store
watched cp -r "$B/out" back
diff -r files back
is "$(seen '^GET .*/out/[0-9]')" 100
few "out"
