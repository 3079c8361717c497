# Two mounts of one user at two places do not disturb each other (L10).
source "$LIB/case.sh"
mount_demo
mkdir "$WORK/second"
"$INFRAFS" mount -f --demo --log-file "$WORK/log2" "$WORK/second" > "$WORK/out2" 2>&1 &
second=$!
cleanup() { umount "$WORK/second"; wait $second; }
within 5 mountpoint -q "$WORK/second"
echo 3 > "$P/vms/web3/cpus"
mkdir "$P/drafts/vms/one"
echo 1024 > "$P/drafts/vms/one/memory"
is "$(cat "$WORK/second/demo/vms/web1/name")" web1
mkdir "$WORK/second/demo/drafts/vms/two"
umount "$WORK/second"
wait $second
cleanup() { :; }
is "$(cat "$P/drafts/vms/one/memory")" 1024
