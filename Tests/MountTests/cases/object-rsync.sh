# rsync --delete into a bucket converges: the second run does nothing.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/box" src src/sub
echo one > src/one
echo two > src/sub/two
rsync -a --delete src/ "$P/buckets/box/dir/"
is "$(rsync -ai --delete --checksum --no-times --no-perms src/ "$P/buckets/box/dir/")" ""
rm src/one
rsync -a --delete src/ "$P/buckets/box/dir/"
refuses test -e "$P/buckets/box/dir/one"
diff -r src "$P/buckets/box/dir"
