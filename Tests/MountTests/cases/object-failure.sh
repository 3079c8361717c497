# An upload that fails fails its writer, and the old object stays.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/box"
echo old > "$P/buckets/box/object"
head -c 1000000 /dev/urandom > new
inject error "object.write failed"
expect EIO put "$P/buckets/box/object" new
expect EIO put "$P/buckets/box/other" new
refuses cp new "$P/buckets/box/object" 2> errors
has ': Input/output error$' errors
inject error
is "$(cat "$P/buckets/box/object")" old
within 2 bash -c "! test -e '$P/buckets/box/other'"
