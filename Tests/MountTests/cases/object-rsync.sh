# rsync --delete into a bucket converges: the second run does nothing.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/b" src src/sub
echo one > src/one
echo two > src/sub/two
rsync -a --delete src/ "$P/buckets/b/dir/"
is "$(rsync -ai --delete --checksum --no-times --no-perms src/ "$P/buckets/b/dir/")" ""
rm src/one
rsync -a --delete src/ "$P/buckets/b/dir/"
refuses test -e "$P/buckets/b/dir/one"
diff -r src "$P/buckets/b/dir"
