# A user's allow_other needs user_allow_other in /etc/fuse.conf: without it nothing is mounted, with it the mode bits hold.
source "$LIB/case.sh"
# A container's /dev/fuse may be closed to all but root, where a system's is not.
mode=$(stat -c %a /dev/fuse)
chmod 666 /dev/fuse
at_end 'chmod "$mode" /dev/fuse'
chmod 755 "$WORK"
mkdir -p "$WORK/user/mnt"
install -m 755 "$INFRAFS" "$WORK/user/infrafs"
cat > "$WORK/user/inside" <<'S'
# inside CONFIGURATION: with a fuse.conf of its own, in a mount namespace of its own.
set -eu
mount --bind "$1" /etc/fuse.conf
cd "$WORK/user"
as() { setpriv --reuid "$1" --regid "$1" --clear-groups env HOME="$WORK/user" XDG_STATE_HOME="$WORK/user/state" "${@:2}"; }
status=0
as 65534 timeout 20 ./infrafs mount --demo -o "allow_other,$2" mnt > said 2>&1 < /dev/null || status=$?
echo "status $status"
cat said
mountpoint -q mnt && echo mounted
[ $status -eq 0 ] || exit 0
stat -c '%u %a' mnt/demo/vms/web3/memory
for user in 65534 12345; do
    for operation in "list mnt/demo/vms" "read mnt/demo/vms/web3/memory" \
        "write mnt/demo/vms/web3/memory 3072" "mkdir mnt/demo/vms/web3/nics/eth$user"; do
        # shellcheck disable=SC2086
        echo "$user $operation: $(as $user "$LIB/fsop" $operation)"
    done
done
as 65534 fusermount3 -u mnt
S
chown -R 65534:65534 "$WORK/user"
[ -e /etc/fuse.conf ] || { touch /etc/fuse.conf; at_end 'rm /etc/fuse.conf'; }
cp /etc/fuse.conf before
printf '#user_allow_other\n' > without
printf 'user_allow_other\n' > with
inside() { unshare --mount --propagation private bash "$WORK/user/inside" "$1" "$2"; }

inside "$T/without" umask=022 > out
is "$(head -n 1 out)" "status 73" "$(cat out)"
is "$(wc -l < out)" 2 "$(cat out)"
has 'user_allow_other.*/etc/fuse.conf' out
refuses has -x mounted out

inside "$T/with" umask=022 > out
diff out - <<'O'
status 0
mounted
65534 644
65534 list mnt/demo/vms: ok
65534 read mnt/demo/vms/web3/memory: ok
65534 write mnt/demo/vms/web3/memory 3072: ok
65534 mkdir mnt/demo/vms/web3/nics/eth65534: ok
12345 list mnt/demo/vms: ok
12345 read mnt/demo/vms/web3/memory: ok
12345 write mnt/demo/vms/web3/memory 3072: EACCES
12345 mkdir mnt/demo/vms/web3/nics/eth12345: EACCES
O
inside "$T/with" umask=077 > out
is "$(grep -c '^12345 .*: EACCES$' out)" 4 "$(cat out)"
cmp before /etc/fuse.conf
