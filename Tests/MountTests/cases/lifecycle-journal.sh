# The log reaches the journal: by syslog in the background, with a priority before each line where systemd reads it.
source "$LIB/case.sh"
# Where the standard error is the journal's stream, and only there; the variable is inherited by much else.
for stream in "$(: > journal; stat -c %d:%i journal)" 1:1; do
    JOURNAL_STREAM=$stream "$INFRAFS" mount -f --demo "$M" 2> journal < /dev/null &
    DAEMON=$!
    within 20 test -e "$M/README"
    unmount
    case $stream in
    1:1) grep -qE '^[0-9T:.-]+Z info infrafs: mounted path=' journal ;;
    *) grep -qE '^<6>info infrafs: mounted path=' journal ;;
    esac
done
export M
# syslog(3) writes to /dev/log: one of our own, in a mount namespace of its own.
cat > listen <<'Y'
import socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
open("listening", "w").close()
with open("lines", "ab", buffering=0) as lines:
    while True:
        lines.write(log.recv(65536).rstrip(b"\0\n") + b"\n")
Y
cat > inside <<'Y'
set -e
# A copy of another case's mount in here would keep its daemon from ending.
findmnt -rno TARGET -t fuse.infrafs | xargs -r -d '\n' -n 1 umount -l || true
mkdir dev
mount -t tmpfs tmpfs dev
for name in fuse null urandom; do
    touch dev/$name
    mount --bind /dev/$name dev/$name
done
mount --rbind dev /dev
python3 listen &
listener=$!
trap 'kill $listener' EXIT
until [ -e listening ]; do sleep 0.02; done
"$INFRAFS" mount --demo "$M"
echo much 2> /dev/null > "$M/demo/vms/web1/memory" || true
umount "$M"
until grep -q unmounted lines; do sleep 0.02; done
Y
timeout 30 unshare -m bash inside
# <30> is daemon.info, (3 << 3) | 6.
grep -qE '^<30>.* infrafs(\[[0-9]+\])?: info infrafs: mounted path=' lines
grep -qE '^<30>.*request failed errno=EINVAL' lines
