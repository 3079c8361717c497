# A guest is told by cloud-init's disc what its draft says; a fixed address comes by DHCP, by the agent or by the disc; the
# machine's end takes disc and reservations along.
# Limit: 300 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
mkdir "$P/drafts/networks/boots"
echo 192.168.214.0/24 > "$P/drafts/networks/boots/cidr"
mv "$P/drafts/networks/boots" "$P/networks/boots"
at_end "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-destroy boots; command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-undefine boots"
draft=$P/drafts/vms/boot1
vm=$P/vms/boot1
mkdir -p "$draft"/{files/motd,nics/eth0,nics/eth1,disks/vda}
echo guest.qcow2 > "$draft/image"
echo 256 > "$draft/memory"
echo 1 > "$draft/cpus"
echo no > "$draft/start"
echo admin > "$draft/user"
echo lab.example > "$draft/domain"
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here' > "$draft/keys"
echo hunter2-geheim > "$draft/password"
printf '%s\n' 'echo one: two' 'touch /done' > "$draft/cmds"
echo /etc/motd > "$draft/files/motd/path"
printf 'hello\nthere\n' > "$draft/files/motd/content"
echo boots > "$draft/nics/eth0/network"
echo 192.168.214.251 > "$draft/nics/eth0/ip"
echo yes > "$draft/nics/eth0/reservedns"
# QEMU's own network: no lease tells its address, the guest agent does.
echo user > "$draft/nics/eth1/type"
echo 10.0.2.15/24 > "$draft/nics/eth1/ip"
echo 10.0.2.2 > "$draft/nics/eth1/gateway"
echo 9.9.9.9 > "$draft/dns"
refuses grep geheim "$draft/.plan"
# DHCP keeps the address for the machine.
mv "$draft" "$vm"
virsh net-dumpxml boots | has "name='boot1' ip='192.168.214.251'"
virsh net-dumpxml boots | has "<hostname>boot1.lab.example</hostname>"
virsh vol-list default | has boot1.ISO
is "$(cat "$vm/iso")" ""
echo up > "$vm/status"
serial_of "$vm" serial
within 150 grep -q 'guest: ready' serial
# What it found on its disc, asked for on the line: what it says by itself may get lost before somebody listens.
ask() {
    echo "cd /cidata && for f in *; do sed \"s,^,guest: \$f: ,\" \$f; done; cd /; echo \$((40 + 2))-told" > "$vm/.serial"
    for _ in $(seq 300); do
        tr -d '\r' < serial > told
        if grep -qx '42-told' told; then return 0; fi
        sleep 0.1
    done
    return 1
}
# The kernel writes to the same line, and may do so in the middle of another's.
for _ in 1 2 3; do
    if ask && grep -qxF "guest: network-config:       macaddress: $(cat "$vm/nics/eth1/mac")" told; then break; fi
done
grep -qx "guest: meta-data: instance-id: $(cat "$vm/id")" told
grep -qx 'guest: meta-data: local-hostname: boot1.lab.example' told
grep -qx 'guest: user-data: #cloud-config' told
grep -qx 'guest: user-data: user: admin' told
grep -qx 'guest: user-data: - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here' told
grep -q 'guest: user-data: password: \$6\$' told
grep -qx "guest: user-data: - 'echo one: two'" told
grep -qx 'guest: user-data:     there' told
grep -qx 'guest: network-config: version: 2' told
grep -qx 'guest: network-config:     - 10.0.2.15/24' told
grep -qx 'guest: network-config:       via: 10.0.2.2' told
grep -qx "guest: network-config:       macaddress: $(cat "$vm/nics/eth1/mac")" told
# What YAML says is YAML's to judge.
sed -n 's/^guest: user-data: //p' told | /usr/bin/python3 -c '
import sys
text = sys.stdin.read()
assert "#cloud-config" in text and text.rstrip().splitlines()[-1] == "- touch /done", text'
within 60 grep -qx 192.168.214.251 "$vm/ips"
within 60 grep -qx 10.0.2.15 "$vm/ips"
is "$(cat "$vm/ip")" 192.168.214.251
is "$(cat "$vm/nics/eth1/ip")" 10.0.2.15
is "$(virsh net-dhcp-leases boots | grep -c 'boot1')" 1
virsh domifaddr boot1 --source agent | has 10.0.2.15/24

# The password is nowhere: tree, log, state, metadata, and the disc has its hash only.
refuses grep -rqs geheim "$P/vms" "$P/drafts" "$P/profiles" "$P/errors" "$P/events" "$XDG_STATE_HOME" "$LOG" "$M/.infrafs/audit"
refuses grep -qs geheim "$(virsh vol-path boot1.ISO default)"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' dumpxml --security-info boot1 | grep geheim"

# The disc is the machine's own: a medium goes into another drive, and the end of one takes the disc along.
echo guest.iso > "$vm/iso"
virsh dumpxml boot1 | has "boot1.ISO"
# The shell is told of its reader's end, and a signal interrupts its own writes.
/bin/echo down > "$vm/status"
is "$(cat "$vm/iso")" guest.iso
echo > "$vm/iso"
is "$(cat "$vm/iso")" ""
mv "$vm" "$P/vms/boot2"
is "$(cat "$P/vms/boot2/iso")" ""
mv "$P/vms/boot2" "$vm"
rmdir "$vm"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' vol-list default | grep boot1"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-dumpxml boots | grep boot1"

# A failure half way leaves nothing: the disc and the disk are made before the definition is refused.
mkdir -p "$draft/nics/eth0"
echo no > "$draft/start"
echo guest.qcow2 > "$draft/image"
echo 192.168.214.252 > "$draft/nics/eth0/ip"
echo boots > "$draft/nics/eth0/network"
echo no-such-filter > "$draft/nics/eth0/filter"
echo yes > "$draft/cloudinit"
echo yes > "$draft/start"
allow_errors 'operation=rename'
refuses mv "$draft" "$vm" 2> mv.log
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' list --all --name | grep boot1"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' vol-list default | grep boot1"
refuses bash -c "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-dumpxml boots | grep boot1"
rm -r "$draft"

# User data as it is.
mkdir -p "$draft"
echo no > "$draft/start"
printf '#!/bin/sh\necho raw > /x\n' > "$draft/userdata"
printf 'version: 2\nethernets: {}\n' > "$draft/networkdata"
mv "$draft" "$vm"
disc=$(virsh vol-path boot1.ISO default)
grep -aq '^echo raw > /x$' "$disc"
grep -aq '^ethernets: {}$' "$disc"
rmdir "$vm"
