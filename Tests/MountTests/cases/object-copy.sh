# Objects are copied in and out, appended to, renamed and removed as files are.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/b"
head -c 5000000 /dev/urandom > big
cp big "$P/buckets/b/big"
cmp big "$P/buckets/b/big"
is "$(stat -c %s "$P/buckets/b/big")" 5000000
mkdir -p "$P/buckets/b/deep/er"
echo one > "$P/buckets/b/deep/er/text"
echo two >> "$P/buckets/b/deep/er/text"
is "$(cat "$P/buckets/b/deep/er/text")" $'one\ntwo'
mv "$P/buckets/b/big" "$P/buckets/b/deep/big"
cmp big "$P/buckets/b/deep/big"
expect ENOENT stat "$P/buckets/b/big"
is "$(tail -c +4000001 "$P/buckets/b/deep/big" | head -c 100 | sha256sum)" "$(tail -c +4000001 big | head -c 100 | sha256sum)"
rm -r "$P/buckets/b"
expect ENOENT stat "$P/buckets/b"
