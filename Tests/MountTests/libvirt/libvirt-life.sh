# A guest's whole life through the mount alone, and virsh agrees at each step.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
make_guest life1
vm=$P/vms/life1
is "$(cat "$vm/status")" down
is "$(state_of life1)" "shut off"
is "$(virsh domuuid life1 | head -n 1)" "$(cat "$vm/id")"
virsh vol-list default | has life1
grep -q . "$vm"/disks/vda/path

echo up > "$vm/status"
timeout 90 cat "$vm/.wait/up" > /dev/null
is "$(cat "$vm/status")" up
is "$(state_of life1)" running
within 90 test -s "$vm/ip"
virsh net-dhcp-leases default | has -F "$(cat "$vm/ip")/"
is "$(cat "$vm/nics/eth0/ip")" "$(cat "$vm/ip")"

# Less memory is the balloon's at once; more of either waits for the next boot.
echo 192 > "$vm/memory"
within 30 bash -c "[ \"\$(virsh -q -c '$INFRAFS_TEST_LIBVIRT' dommemstat life1 | awk '\$1 == \"actual\" { print \$2 }')\" = 196608 ]"
echo 384 > "$vm/memory"
echo 2 > "$vm/cpus"
grep -qx 'memory: 384' "$vm/pending"
grep -qx 'cpus: 2' "$vm/pending"
is "$(virsh vcpucount life1 --maximum --config)" 2

expect EBUSY rmdir "$vm"
echo shutdown > "$vm/status"
timeout 60 cat "$vm/.wait/down" > /dev/null
is "$(state_of life1)" "shut off"
is "$(cat "$vm/memory") $(cat "$vm/cpus") $(cat "$vm/pending")" "384 2 "
virsh dominfo life1 | has '^CPU(s): *2$'

rmdir "$vm"
expect ENOENT stat "$vm"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' list --all --name | grep -qx life1"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' vol-list default | grep -q life1"
