# Two mounts of one user at two places do not disturb each other (L10).
source "$LIB/case.sh"
mount_demo
mkdir "$WORK/second"
"$INFRAFS" mount -f --demo --log-file "$WORK/log2" "$WORK/second" > "$WORK/out2" 2>&1 &
second=$!
at_end 'umount "$WORK/second"; wait $second'
within 5 mountpoint -q "$WORK/second"
echo 3 > "$P/vms/web3/cpus"
mkdir "$P/drafts/vms/one"
echo 1024 > "$P/drafts/vms/one/memory"
is "$(cat "$WORK/second/demo/vms/web1/name")" web1
mkdir "$WORK/second/demo/drafts/vms/two"
# They share what is prepared: neither overwrites what it has not seen.
is "$(ls "$P/drafts/vms")" "$(printf 'one\ntwo')"
expect EEXIST mkdir "$WORK/second/demo/drafts/vms/one"
echo 2 > "$WORK/second/demo/drafts/vms/one/cpus"
echo text > "$P/drafts/vms/one/description"
for place in "$P" "$WORK/second/demo"; do
    is "$(cd "$place/drafts/vms/one" && tail -n 1 cpus description memory | grep -v '^$' | paste -sd ' ')" \
        '==> cpus <== 2 ==> description <== text ==> memory <== 1024'
done
rmdir "$P/drafts/vms/two"
expect ENOENT stat "$WORK/second/demo/drafts/vms/two"
umount "$WORK/second"
wait $second
is "$(cat "$P/drafts/vms/one/memory")" 1024
is "$(cat "$P/drafts/vms/one/cpus")" 2
