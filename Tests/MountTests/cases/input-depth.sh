# Directories have a bounded depth, wherever they can be made, and many a second leave nothing behind.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/deep"
place=$P/drafts/vms/deep
for level in $(seq 12); do
    place=$place/disks
    got=$(fsop mkdir "$place")
    [ "$got" = ok ] || break
done
is "$got" EINVAL
at_most "$level" 6
expect EPERM mkdir "$P/vms/web1/disks/$(ls "$P/vms/web1/disks" | head -n 1)/deeper"
expect EPERM mkdir "$P/new"
find "$P/drafts/vms/deep" -mindepth 1 -delete
rmdir "$P/drafts/vms/deep"

value() { grep -v '^#' "$M/.infrafs/metrics" | grep -F -- "$1 " | sed 's/.* //'; }
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"; }
descriptors() { ls "/proc/$DAEMON/fd" | wc -l; }
# round: makes and removes drafts and scratch files as fast as it can; prints the seconds.
round() {
    python3 -I - "$P" <<'PY'
import os, sys, time
root = sys.argv[1]
start = time.monotonic()
for turn in range(400):
    draft = f"{root}/drafts/vms/many{turn}"
    os.mkdir(draft)
    os.rmdir(draft)
    scratch = f"{root}/vms/web3/.many{turn}.tmp"
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT))
    os.unlink(scratch)
print(time.monotonic() - start)
PY
}
round > /dev/null
before=$(memory) open=$(descriptors)
for _ in 1 2 3; do round; done > seconds
echo 3 > /proc/sys/vm/drop_caches
at_most "$(value infrafs_open_handles)" 5
within 5 bash -c "[ \$(ls /proc/$DAEMON/fd | wc -l) -le $open ]"
at_most $(($(memory) - before)) 12000 "KiB more after 1200 drafts and 1200 scratch files"
is "$(ls -A "$P/drafts/vms") $(find "$XDG_STATE_HOME" -name '*.json' | wc -l)" " 0"
