# Small files by rsync twice, tar onto and from, an editor, append and seek: as on a disk.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
mkdir -p src/{a,b}/{c,d}
for ((i = 0; i < 100; i++)); do echo "file $i" > "src/$([ $((i % 2)) = 0 ] && echo a || echo b)/$([ $((i % 3)) = 0 ] && echo c || echo d)/$i"; done
sync_all() { rsync -rti --omit-dir-times --delete src/ "$B/dir/"; }
is "$(sync_all | grep -c '^>f')" 100
is "$(sync_all)" ""
is "$(find "$B/dir" -type f | wc -l)" 100
diff -r src "$B/dir"

# tar from the mount, and onto it.
tar -C "$B" -cf from.tar dir
is "$(tar -tf from.tar | grep -vc '/$')" 100
mkdir "$B/onto"
tar -C src -cf - a/c | tar -C "$B/onto" -xf - --no-same-owner --no-same-permissions
diff -r src/a/c "$B/onto/a/c"
rm -r "$B/onto"
expect ENOENT stat "$B/onto"

# An editor that writes beside and renames, and one that writes in place.
echo one > "$B/text"
vi -e -s -u NONE -N -c ':%s/one/two/' -c ':wq' "$B/text" < /dev/null
is "$(cat "$B/text")" two
sed -i s/two/three/ "$B/text"
echo four >> "$B/text"
is "$(cat "$B/text")" $'three\nfour'
printf X | dd of="$B/text" bs=1 seek=10 conv=notrunc status=none
is "$(cat "$B/text")" $'three\nfourX'
is "$(find "$B" -maxdepth 1 -name '.*' | wc -l)" 0 "what an editor leaves"
is "$(debris)" 0
