# What is changed through the mount is what virsh shows at once.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
make_guest here1
vm=$P/vms/here1
echo yes > "$vm/autostart"
virsh dominfo here1 | has '^Autostart: *enable'
echo 'said here' > "$vm/description"
is "$(virsh desc here1 | head -n 1)" 'said here'
echo 512 > "$vm/memory"
virsh dominfo here1 | has '^Max memory: *524288 KiB'
echo plan9 > "$vm/plan"
virsh dumpxml here1 | has '<kvirt:plan>plan9<'
echo up > "$vm/status"
domain_is here1 running
echo suspend > "$vm/status"
domain_is here1 paused
echo resume > "$vm/status"
domain_is here1 running
echo down > "$vm/status"
domain_is here1 "shut off"
mv "$vm" "$P/vms/here2"
virsh list --all --name | has -x here2
rmdir "$P/vms/here2"
is "$(virsh list --all --name | grep -c here || true)" 0
