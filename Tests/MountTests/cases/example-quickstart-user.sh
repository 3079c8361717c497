# examples/quickstart works for an ordinary user, who may mount by fusermount3.
source "$LIB/case.sh"
user=infrafs-test-$$
useradd --create-home --home-dir "$WORK/user" "$user"
# A container's /dev/fuse may be closed to all but root, where a system's is not.
mode=$(stat -c %a /dev/fuse)
chmod 666 /dev/fuse
at_end 'chmod "$mode" /dev/fuse; userdel -r "$user" 2> /dev/null'
at_end 'umount -l "$WORK/user/fleet" 2> /dev/null'
# The program has to be where the user can read it.
install -m 755 "$INFRAFS" "$WORK/infrafs"
mkdir -p "$WORK/clone/examples"
install -m 755 "$ROOT/examples/quickstart" "$WORK/clone/examples/quickstart"
chmod 755 "$WORK/clone" "$WORK/clone/examples"
as_user() { setpriv --reuid "$user" --regid "$user" --init-groups env -i HOME="$WORK/user" PATH="$PATH" TMPDIR=/tmp INFRAFS_BINARY="$WORK/infrafs" "$@"; }
(cd / && as_user "$WORK/clone/examples/quickstart" --no-shell) > tour
refuses grep 'it failed' tour
is "$(as_user cat "$WORK/user/fleet/demo/vms/web3/status")" up
is "$(stat -c %U "$WORK/user/fleet/demo" 2>&1 || true)" "stat: cannot statx '$WORK/user/fleet/demo': Permission denied"
as_user fusermount3 -u "$WORK/user/fleet"
refuses mountpoint -q "$WORK/user/fleet"
