# Objects are copied in and out, appended to, renamed and removed as files are.
source "$LIB/case.sh"
mount_demo
mkdir "$P/buckets/box"
head -c 5000000 /dev/urandom > big
cp big "$P/buckets/box/big"
cmp big "$P/buckets/box/big"
is "$(stat -c %s "$P/buckets/box/big")" 5000000
mkdir -p "$P/buckets/box/deep/er"
echo one > "$P/buckets/box/deep/er/text"
echo two >> "$P/buckets/box/deep/er/text"
is "$(cat "$P/buckets/box/deep/er/text")" $'one\ntwo'
mv "$P/buckets/box/big" "$P/buckets/box/deep/big"
cmp big "$P/buckets/box/deep/big"
expect ENOENT stat "$P/buckets/box/big"
is "$(tail -c +4000001 "$P/buckets/box/deep/big" | head -c 100 | sha256sum)" "$(tail -c +4000001 big | head -c 100 | sha256sum)"
rm -r "$P/buckets/box"
expect ENOENT stat "$P/buckets/box"
