# O5, O7: objects and directories are renamed inside the store; what is removed while it is open is read or refused.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
echo one > "$B/x"
echo two > "$B/y"
mv "$B/x" "$B/z"
mv "$B/z" "$B/y"
is "$(cat "$B/y")" one
is "$(ls "$B")" y
mkdir -p "$B/d/e"
echo deep > "$B/d/e/f"
# What the kernel has looked up below goes with it.
stat "$B/d/e/f" > /dev/null
mv "$B/d" "$B/g"
is "$(cat "$B/g/e/f")" deep
mkdir "$B/h"
expect ENOTEMPTY rename "$B/h" "$B/g"
rmdir "$B/h"
is "$(cat "$B/g/e/f")" deep
expect ENOENT stat "$B/d"
is "$(boto <<< 'print(sorted(o["Key"] for o in s3.list_objects_v2(Bucket=b)["Contents"] if not o["Key"].endswith("/")))')" "['g/e/f', 'y']"
expect ENOTEMPTY rmdir "$B/g"
expect ENOTEMPTY rmdir "$B"
exec 3< "$B/y"
rm "$B/y"
cat <&3 > /dev/null 2>&1 || true
exec 3<&-
expect ENOENT stat "$B/y"
rm -r "$B"
expect ENOENT stat "$B"
