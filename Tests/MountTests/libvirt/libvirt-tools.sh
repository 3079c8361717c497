# tar, rsync and grep over a libvirt host: exact sizes, second rsync empty, nothing started or stopped.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
make_guest tools1
virsh list --all > before
tar -C "$M" --exclude=data -cf all.tar lab 2> warnings
is "$(cat warnings)" ""
mkdir out
tar -C out -xf all.tar
# tar cuts off silently what is longer than its size was told.
for place in vms/tools1 networks; do diff -r --exclude=data "$P/$place" "out/lab/$place"; done
rsync -a --exclude=data --exclude=events "$P/" mirror/
is "$(rsync -ai --exclude=data --exclude=events "$P/" mirror/)" ""
timeout 50 grep -r --exclude=data needle-that-is-nowhere "$M" || is $? 1
virsh list --all | diff before -
rm -r "$P/vms/tools1"
is "$(virsh list --all --name | grep -c tools1 || true)" 0
