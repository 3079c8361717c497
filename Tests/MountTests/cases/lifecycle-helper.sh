# mount -t fuse.infrafs and a line of fstab mount it, and what systemd and mount keep for themselves is passed over (L1).
source "$LIB/case.sh"
# mount(8) runs mount.fuse3, which runs the program by its name in the PATH of root.
mkdir -p "$T/bin"
ln -s "$INFRAFS" "$T/bin/infrafs"
link=/usr/local/bin/infrafs
if [ ! -e $link ]; then
    ln -s "$INFRAFS" $link
    made=yes
fi
pid_of() { pgrep -f "^[^ ]*infrafs .*$M( |\$)" | head -n 1; }
at_end cleanup
cleanup() {
    umount "$M" 2> /dev/null
    if [ "${made:-}" = yes ]; then rm -f $link; fi
}
mount -t fuse.infrafs demo "$M" -o ro,_netdev,nofail,x-systemd.automount
is "$(cat "$P/vms/web1/name")" web1
matches "$(findmnt -no OPTIONS "$M")" '(^|,)ro(,|$)'
is "$(findmnt -no FSTYPE "$M")" fuse.infrafs
umount "$M"
within 5 bash -c "! mountpoint -q '$M'"
# Whose it is, and for whom.
options=_netdev,nofail,noauto,x-systemd.automount,x-systemd.device-timeout=5s,x-systemd.requires=network.target,x-gvfs-hide
mount -t fuse.infrafs demo "$M" -o "$options,comment=ours,ro,uid=65534,gid=4321,umask=027"
is "$(stat -c '%u %g %a' "$P/vms") $(stat -c '%u %g %a' "$P/vms/web1/memory")" "65534 4321 550 65534 4321 440"
expect EROFS write "$P/vms/web1/memory" 2048
umount "$M"
within 5 bash -c "! mountpoint -q '$M'"
mount -t fuse.infrafs demo "$M" -o "$options,allow_other,uid=65534,gid=4321,umask=077"
is "$(stat -c '%u %g %a' "$P/vms/web1/memory")" "65534 4321 600"
is "$(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/ "$LIB/fsop" write "$P/vms/web1/description" ours)" ok
is "$(setpriv --reuid 12345 --regid 4321 --clear-groups env HOME=/ "$LIB/fsop" read "$P/vms/web1/description")" EACCES
umount "$M"
within 5 bash -c "! mountpoint -q '$M'"
# What would be ours and is not (mount(8) makes a number of the name of a user), by its name.
for option in no_such_option umsak=022 uid=12x umask=9 umask=1777 inotify,ro password=planted; do
    refuses mount -t fuse.infrafs demo "$M" -o "$option,_netdev" 2> errors
    refuses mountpoint -q "$M"
    has "${option%%[=,]*}'" errors || fail "$option: $(cat errors)"
    refuses grep planted errors
done
echo "demo $M fuse.infrafs noauto,_netdev,x-systemd.automount 0 0" > fstab
mount -T "$T/fstab" "$M"
is "$(cat "$P/vms/web1/name")" web1
umount "$M"
