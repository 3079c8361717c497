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
refuses mount -t fuse.infrafs demo "$M" -o no_such_option 2> errors
refuses mountpoint -q "$M"
grep -q no_such_option errors
echo "demo $M fuse.infrafs noauto,_netdev,x-systemd.automount 0 0" > fstab
mount -T "$T/fstab" "$M"
is "$(cat "$P/vms/web1/name")" web1
umount "$M"
