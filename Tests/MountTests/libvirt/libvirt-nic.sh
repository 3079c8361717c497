# Interfaces of a running machine: added, moved, kept an address for and removed, and virsh agrees at each step.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
end_networks() {
    virsh net-destroy nic1 > /dev/null 2>&1
    virsh net-undefine nic1 > /dev/null 2>&1
}
at_end end_networks
mount_lab
mkdir "$P/drafts/networks/nic1"
echo 10.37.0.0/24 > "$P/drafts/networks/nic1/cidr"
mv "$P/drafts/networks/nic1" "$P/networks/nic1"
make_guest wire1
vm=$P/vms/wire1
xml() { virsh dumpxml wire1 "$@"; }

# Off: all of it is in the definition at once.
echo 'nic1 model=e1000 mac=52:54:00:37:00:01' > "$vm/add_nic"
is "$(cat "$vm/nics/eth1/network") $(cat "$vm/nics/eth1/model") $(cat "$vm/nics/eth1/mac")" \
    "nic1 e1000 52:54:00:37:00:01"
echo rtl8139 > "$vm/nics/eth1/model"
echo 52:54:00:37:00:02 > "$vm/nics/eth1/mac"
xml | has "52:54:00:37:00:02"
xml | has "rtl8139"
expect EINVAL write "$vm/nics/eth1/mac" nonsense
expect EINVAL write "$vm/nics/eth1/type" carrier-pigeon
expect EINVAL write "$vm/add_nic" nowhere
grep -q nowhere "$vm/.error"
echo 10.37.0.77 > "$vm/nics/eth1/ip"
is "$(cat "$vm/nics/eth1/ip")" 10.37.0.77
is "$(cat "$P/networks/nic1/reservations")" "52:54:00:37:00:02 10.37.0.77 wire1"
virsh net-dumpxml nic1 --inactive | has "ip='10.37.0.77'"
expect EINVAL write "$vm/nics/eth1/ip" 10.99.0.1
rmdir "$vm/nics/eth1"
is "$(cat "$P/networks/nic1/reservations")" ""
refuses test -e "$vm/nics/eth1"

# Running: one more on `default`, moved to another network, with an address kept for it.
mac=$(cat "$vm/nics/eth0/mac")
echo 192.168.213.177 > "$vm/nics/eth0/ip"
echo up > "$vm/status"
within 90 reads "$vm/nics/eth0/ip" 192.168.213.177
is "$(cat "$vm/ip")" 192.168.213.177
virsh net-dhcp-leases default | has "192.168.213.177/24"
has "192.168.213.177 $mac" < "$P/networks/default/leases"
mkdir "$vm/nics/eth1"
is "$(cat "$vm/nics/eth1/network") $(cat "$vm/pending")" "default "
is "$(xml | grep -c '<interface ') $(xml --inactive | grep -c '<interface ')" "2 2"
echo nic1 > "$vm/nics/eth1/network"
is "$(virsh domiflist wire1 | awk '$3 == "nic1"' | wc -l)" 1
xml --inactive | has "<source network='nic1'/>"
has wire1 < "$P/networks/nic1/ports"
expect EBUSY rmdir "$P/networks/nic1"
echo e1000 > "$vm/nics/eth1/model"
grep -q '^nics' "$vm/pending"
rmdir "$vm/nics/eth1"
is "$(xml | grep -c '<interface ') $(xml --inactive | grep -c '<interface ')" "1 1"
is "$(cat "$vm/pending")" ""
echo > "$vm/nics/eth0/ip"
virsh net-dumpxml default | refuses has "$mac"

# What virsh plugs in is seen at once, and said.
tail -n 0 -f "$P/events" > "$T/events" &
follower=$!
at_end "kill $follower 2> /dev/null"
virsh attach-interface wire1 network nic1 --model virtio --live > /dev/null
within 1 test -d "$vm/nics/eth1"
within 5 grep -q '"device added"' "$T/events"
grep '"device added"' "$T/events" | has '"nics'
echo down > "$vm/status"
rmdir "$vm"
rmdir "$P/networks/nic1"
