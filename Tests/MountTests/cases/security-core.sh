# The memory of the daemon, with every secret in it, gets into no core dump, and no process of the same user reads it.
source "$LIB/case.sh"
mount_demo
is "$(awk '/^Max core file size/ { print $5 }' "/proc/$DAEMON/limits")" 0
unmount

# Nor where the limit was open, whoever takes the dump.
cat > crash.py <<'P'
import os, resource, signal, sys, time
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
program, place = sys.argv[1:]
child = os.fork()
if child == 0:
    os.execv(program, [program, "mount", "-f", "--log-file", "/dev/null", "--demo", place])
end = time.monotonic() + 20
while not os.path.exists(place + "/README"):
    if time.monotonic() > end or os.waitpid(child, os.WNOHANG) != (0, 0):
        sys.exit("no mount")
    time.sleep(0.02)
os.kill(child, signal.SIGSEGV)
status = os.waitpid(child, 0)[1]
print(os.WTERMSIG(status), os.WCOREDUMP(status))
P
if [ "$(ulimit -Hc)" = unlimited ]; then
    # Swift's own handler returns from a signal that no instruction caused.
    is "$(SWIFT_BACKTRACE=enable=no python3 crash.py "$INFRAFS" "$M" 2> /dev/null)" '11 False'
    umount -l "$M"
fi

# Another process of the same user, who is not root.
# A container's /dev/fuse may be closed to all but root, where a system's is not.
mode=$(stat -c %a /dev/fuse)
chmod 666 /dev/fuse
at_end 'chmod "$mode" /dev/fuse'
chmod 755 "$WORK"
mkdir "$WORK/user" "$WORK/user/mnt"
cp "$INFRAFS" "$WORK/user/infrafs"
chown -R 65534:65534 "$WORK/user"
user=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$WORK/user" XDG_STATE_HOME="$WORK/user/state")
"${user[@]}" PLANTED=PlantedSecret "$WORK/user/infrafs" mount -f --demo --log-file "$WORK/user/log" "$WORK/user/mnt" &
DAEMON=$!
within 20 "${user[@]}" test -e "$WORK/user/mnt/README"
is "$("${user[@]}" cat "$WORK/user/mnt/demo/vms/web1/status")" up
grep -qa PlantedSecret "/proc/$DAEMON/environ"
refuses "${user[@]}" cat "/proc/$DAEMON/environ" 2> /dev/null
refuses "${user[@]}" cat "/proc/$DAEMON/maps" 2> /dev/null
"${user[@]}" fusermount3 -u "$WORK/user/mnt"
await_end
