# The units of examples/ are what systemd takes, and the options of the mount unit are what mount takes.
source "$LIB/case.sh"
mkdir units bin
cp "$ROOT"/examples/infra.mount "$ROOT"/examples/infra.automount "$ROOT"/examples/infrafs@.service units
systemd-analyze verify --man=no units/infra.mount units/infra.automount 2> message || { cat message >&2; false; }
is "$(cat message)" ''
systemd-analyze --user verify --man=no units/infrafs@.service 2> message || { cat message >&2; false; }

ln -s "$INFRAFS" bin/infrafs
chmod 755 "$WORK" bin
umask 077
printf 'providers:\n  lab: {type: fake}\n' > config.yaml
value() { sed -n "s/^$1=//p" "$ROOT/examples/infra.mount"; }
is "$(value Type)" fuse.infrafs
# What mount(8) runs for this type; it passes no PATH on, so the program is named here.
mount.fuse3 "$T/bin/infrafs#$T/config.yaml" "$M" -o "$(value Options)"
cleanup() { mountpoint -q "$M" && umount "$M"; }
within 10 test -e "$M/lab/status"
# The group may look; others may not.
is "$(stat -c '%g %A' "$M/lab/vms/web1/memory")" '4 -rw-r-----'
setpriv --reuid 65534 --regid 4 --clear-groups cat "$M/lab/type" > out
is "$(cat out)" fake
refuses setpriv --reuid 65534 --regid 65534 --clear-groups cat "$M/lab/type" 2> message
umount "$M"
