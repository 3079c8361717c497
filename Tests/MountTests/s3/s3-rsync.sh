# O10: rsync -a twice: the second finds nothing to do, by the times that are kept.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
mkdir -p src/sub
echo one > src/one
echo two > src/sub/two
touch -d '2001-02-03 04:05:06' src/one
rsync -a --no-perms --no-owner --no-group --omit-dir-times --delete src/ "$B/dir/"
is "$(rsync -ai --no-perms --no-owner --no-group --omit-dir-times --delete src/ "$B/dir/")" ""
is "$(stat -c %Y "$B/dir/one")" "$(stat -c %Y src/one)"
is "$(boto <<< 'print(s3.head_object(Bucket=b, Key="dir/one")["Metadata"]["mtime"])')" "$(stat -c %Y src/one)"
