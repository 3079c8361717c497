# An upload that fails fails its writer, and the old object stays.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/b"
echo old > "$P/buckets/b/object"
head -c 1000000 /dev/urandom > new
inject error "object.write failed"
refuses cp new "$P/buckets/b/object" 2> /dev/null
refuses cp new "$P/buckets/b/other" 2> /dev/null
inject error
is "$(cat "$P/buckets/b/object")" old
within 2 bash -c "! test -e '$P/buckets/b/other'"
