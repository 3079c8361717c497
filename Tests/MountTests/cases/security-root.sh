# The mount of an ordinary user lets nobody else in without allow_other, not even root (L8).
source "$LIB/case.sh"
# A container's /dev/fuse may be closed to all but root, where a system's is not.
mode=$(stat -c %a /dev/fuse)
chmod 666 /dev/fuse
at_end 'chmod "$mode" /dev/fuse'
chmod 755 "$WORK"
mkdir "$WORK/user" "$WORK/user/mnt"
chown -R 65534:65534 "$WORK/user"
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$WORK/user" XDG_STATE_HOME="$WORK/user/state" "$@"; }
cp "$INFRAFS" "$WORK/user/infrafs"
chmod 755 "$WORK/user/infrafs"
as_user "$WORK/user/infrafs" mount -f --demo --log-file "$WORK/user/log" "$WORK/user/mnt" &
DAEMON=$!
within 20 as_user test -e "$WORK/user/mnt/README"
is "$(as_user cat "$WORK/user/mnt/demo/vms/web1/status")" up
expect EACCES list "$WORK/user/mnt"
expect EACCES read "$WORK/user/mnt/README"
is "$(setpriv --reuid 12345 --regid 12345 --clear-groups env HOME=/ "$LIB/fsop" list "$WORK/user/mnt")" EACCES
as_user fusermount3 -u "$WORK/user/mnt"
await_end
