# chmod o+r of an object or a bucket makes it public and shows in its mode, and o-r takes it back; other modes change nothing.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/box"
echo text > "$P/buckets/box/page"
is "$(stat -c %a "$P/buckets/box/page")" 600
chmod o+r "$P/buckets/box/page"
is "$(stat -c %a "$P/buckets/box/page")" 604
is "$(stat -c %a "$P"/buckets/box/*)" 604
reset_calls
chmod 755 "$P/buckets/box/page"
chmod u+x "$P/buckets/box/page"
is "$(changes)" 0
is "$(stat -c %a "$P/buckets/box/page")" 604
chmod o-r "$P/buckets/box/page"
is "$(stat -c %a "$P/buckets/box/page")" 600
# The signed URL is there by name and in no list: a backup must not hold it.
refuses grep -q url <(getfattr -d "$P/buckets/box/page" 2> /dev/null)
getfattr --only-values -n user.infrafs.url "$P/buckets/box/page" | has https
# What is listed is there.
is "$(getfattr --absolute-names -d "$P/buckets/box/page" 2>&1 > "$T/listed")" ""
has '^user.infrafs.etag="' < "$T/listed"
expect ENODATA getxattr "$P/buckets/box/page" user.infrafs.version
# A bucket as a whole; a directory in it is nothing that the platform has.
public() { getfattr --only-values -n user.infrafs.public "$1"; }
mkdir "$P/buckets/box/dir"
is "$(stat -c %a "$P/buckets/box")" 700
is "$(public "$P/buckets/box")" no
chmod o+r "$P/buckets/box"
is "$(stat -c %a "$P/buckets/box")" 704
is "$(public "$P/buckets/box")" yes
is "$(stat -c %a "$P/buckets/box/dir")" 700
has '"operation":"bucket.update".*"new":"public"' < "$M/.infrafs/audit"
reset_calls
chmod o+r "$P/buckets/box/dir"
chmod 755 "$P/buckets/box"
chmod o+r "$P/buckets/box"
is "$(changes)" 0
chmod o-r "$P/buckets/box"
is "$(stat -c %a "$P/buckets/box")" 700
is "$(public "$P/buckets/box")" no
expect ENODATA getxattr "$P/buckets/box/dir" user.infrafs.public
