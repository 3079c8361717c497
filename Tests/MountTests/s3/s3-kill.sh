# O4: a daemon that is killed in the middle of an upload leaves the old object, never a mixture.
source "$LIB/case.sh"
source "$LIB/s3.sh"
mount_store
make_bucket
echo old > "$B/o"
(head -c 60000000 /dev/zero; sleep 60) > "$B/o" &
writer=$!
is_on_its_way() { [ "$(stat -c %s "$B/o")" -gt 20000000 ]; }
within 20 is_on_its_way
kill -KILL "$DAEMON"
wait "$DAEMON" 2> /dev/null || true
DAEMON=
kill "$writer" 2> /dev/null || true
umount -l "$M"
is "$(boto <<< 'print(s3.get_object(Bucket=b, Key="o")["Body"].read().decode(), end="")')" old
mount_store
is "$(cat "$B/o")" old
