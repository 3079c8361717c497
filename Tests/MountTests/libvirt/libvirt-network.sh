# Networks by files: made with all they can have, changed while they run, never taken from those who use them.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
end_networks() {
    local name
    for name in $(virsh net-list --all --name | grep '^nt' || true); do
        virsh net-destroy "$name" > /dev/null 2>&1
        virsh net-undefine "$name" > /dev/null 2>&1
    done
    inside ip link del ntbr 2> /dev/null
    inside ip link del ntdum 2> /dev/null
}
at_end end_networks
mount_lab
N=$P/networks
xml() { virsh net-dumpxml "$@"; }

# All of it in one draft.
d=$P/drafts/networks/nt1
mkdir "$d"
echo 10.31.0.0/24 > "$d/cidr"
echo fd31::/64 > "$d/dual_cidr"
echo 10.31.0.10 > "$d/dhcp_start"
echo 10.31.0.99 > "$d/dhcp_end"
echo lab.test > "$d/domain"
echo 1400 > "$d/mtu"
printf 'example.org 10.9.9.9\n10.9.9.8\n' > "$d/forwarders"
printf '52:54:00:31:00:01 10.31.0.5 first\n52:54:00:31:00:02 fd31::5 sixth\n' > "$d/reservations"
echo no > "$d/autostart"
echo blue > "$d/plan"
mv "$d" "$N/nt1"
n=$N/nt1
is "$(cat "$n/status") $(cat "$n/autostart") $(cat "$n/mode") $(cat "$n/type")" "up no nat routed"
is "$(cat "$n/cidr") $(cat "$n/dual_cidr") $(cat "$n/gateway")" "10.31.0.0/24 fd31::/64 10.31.0.1"
is "$(head -n 1 "$n/dhcp_range")" "10.31.0.10 10.31.0.99"
is "$(cat "$n/reservations")" "52:54:00:31:00:01 10.31.0.5 first
52:54:00:31:00:02 fd31::5 sixth"
is "$(cat "$n/forwarders")" "example.org 10.9.9.9
10.9.9.8"
is "$(cat "$n/plan") $(cat "$n/mtu")" "blue 1400"
xml nt1 | has "<mtu size='1400'/>"
xml nt1 | has "<range start='10.31.0.10' end='10.31.0.99'/>"
xml nt1 | has "<host mac='52:54:00:31:00:01' name='first' ip='10.31.0.5'/>"
xml nt1 | has "<host id='00:03:00:01:52:54:00:31:00:02' name='sixth' ip='fd31::5'/>"
xml nt1 | has "<forwarder domain='example.org' addr='10.9.9.9'/>"
is "$(cat "$n/bridge")" "$(virsh net-info nt1 | awk '$1 == "Bridge:" { print $2 }')"

# While a machine is on it: what libvirt can change at once is changed in both, the rest is refused.
make_guest net1
echo nt1 > "$P/vms/net1/nics/eth0/network"
is "$(cat "$n/ports")" net1
echo up > "$P/vms/net1/status"
domain_is net1 running
echo '10.31.0.50 10.31.0.60' > "$n/dhcp_range"
for which in '' --inactive; do
    xml nt1 $which | has "<range start='10.31.0.50' end='10.31.0.60'/>"
    xml nt1 $which | refuses has "10.31.0.99"
done
echo '52:54:00:31:00:07 10.31.0.77 seventh' >> "$n/reservations"
for which in '' --inactive; do
    xml nt1 $which | has "<host mac='52:54:00:31:00:07' name='seventh' ip='10.31.0.77'/>"
    xml nt1 $which | has "ip='10.31.0.5'"
done
expect EINVAL write "$n/reservations" "no:mac 10.31.0.5"
expect EINVAL write "$n/reservations" "52:54:00:31:00:01 10.99.0.5"
expect EINVAL write "$n/dhcp_range" "10.31.0.50"
is "$(wc -l < "$n/reservations")" 3
expect ENOTEMPTY write "$n/dhcp" no
expect EBUSY write "$n/domain" other.test
expect EBUSY write "$n/mtu" 1300
grep -q 'net1' "$n/.error"
expect EBUSY write "$n/status" down
expect EBUSY rmdir "$n"
grep -q 'net1' "$n/.error"
domain_is net1 running

# When nobody is on it any more, it takes everything.
echo down > "$P/vms/net1/status"
echo other.test > "$n/domain"
echo > "$n/mtu"
is "$(cat "$n/domain")$(cat "$n/mtu")" other.test
xml nt1 | has "<domain name='other.test'"
: > "$T/none"
cp "$T/none" "$n/reservations" || true
echo '# none' > "$n/reservations"
is "$(cat "$n/reservations")" ''
echo no > "$n/dhcp"
xml nt1 --inactive | refuses has '<dhcp>'
echo yes > "$n/dhcp"
xml nt1 --inactive | has '<dhcp>'
expect ENOTEMPTY write "$n/dns" no
echo '# none' > "$n/forwarders"
echo no > "$n/dns"
xml nt1 | has "<dns enable='no'"
expect ENOENT stat "$P/dns/other.test"
echo yes > "$n/dns"
within 7 test -d "$P/dns/other.test"
echo down > "$n/status"
virsh net-list --all | has 'nt1 *inactive'
echo up > "$n/status"
virsh net-list | has 'nt1 *active'
rmdir "$P/vms/net1"
rmdir "$n"
refuses has -x nt1 < <(virsh net-list --all --name)

# The other kinds, and what they have no place for.
inside ip link add ntbr type bridge
# The interface of a macvtap may be any that the host has.
inside ip link add ntdum type bridge
make_network() {
    mkdir "$P/drafts/networks/$1"
    local name=$1 pair
    shift
    for pair; do echo "${pair#*=}" > "$P/drafts/networks/$name/${pair%%=*}"; done
    mv "$P/drafts/networks/$name" "$N/$name"
}
make_network ntroute mode=route cidr=10.32.0.0/24 dhcp=no
make_network ntopen forward_mode=open cidr=10.33.0.0/24
make_network ntalone nat=no cidr=10.34.0.0/24
make_network ntnothing mode=isolated
make_network ntbridge mode=bridge bridge=ntbr
make_network ntmacvtap mode=macvtap device=ntdum
make_network ntovs mode=ovs bridge=ovsbr0 vlans=42
is "$(cat "$N"/nt{route,open,alone,nothing,bridge,macvtap,ovs}/mode | paste -sd ' ')" \
    "route open isolated isolated bridge macvtap ovs"
is "$(cat "$N/ntroute/dhcp") $(cat "$N/ntopen/dhcp") $(cat "$N/ntbridge/bridge") $(cat "$N/ntmacvtap/device")" \
    "no yes ntbr ntdum"
xml ntovs | has "<virtualport type='openvswitch'/>"
is "$(cat "$N/ntovs/vlans")" "default default
vlan-42 42"
printf 'web default 10\ntrunk 10 20\n' > "$N/ntovs/vlans"
xml ntovs | has "<vlan trunk='yes'>"
is "$(cat "$N/ntovs/vlans")" "web default 10
trunk 10 20"
mkdir "$P/drafts/networks/ntbad"
echo bridge > "$P/drafts/networks/ntbad/mode"
echo ntbr > "$P/drafts/networks/ntbad/bridge"
echo 10.35.0.0/24 > "$P/drafts/networks/ntbad/cidr"
expect EOPNOTSUPP rename "$P/drafts/networks/ntbad" "$N/ntbad"
tail -n 1 "$P/errors" | has 'mode bridge has no cidr'
rm "$P/drafts/networks/ntbad/"{mode,bridge}
echo 10.32.0.128/25 > "$P/drafts/networks/ntbad/cidr"
expect ECANCELED rename "$P/drafts/networks/ntbad" "$N/ntbad"
grep -q 'overlaps 10.32.0.0/24 of network ntroute' "$P/errors"
refuses has -x ntbad < <(virsh net-list --all --name)

# What virsh does is seen.
virsh net-destroy ntopen > /dev/null
within 1 reads "$N/ntopen/status" down
virsh net-update ntroute add ip-dhcp-range '<range start="10.32.0.2" end="10.32.0.9"/>' --live --config > /dev/null
within 7 reads "$N/ntroute/dhcp_range" '10.32.0.2 10.32.0.9'
virsh net-undefine ntnothing > /dev/null
virsh net-destroy ntnothing > /dev/null
within 1 refuses test -e "$N/ntnothing"

# A backup of one is one again.
tar -C "$P" -cf "$T/net.tar" networks/ntroute
rmdir "$N/ntroute"
tar -C "$P/drafts" -xf "$T/net.tar"
mv "$P/drafts/networks/ntroute" "$N/ntroute"
is "$(cat "$N/ntroute/mode") $(cat "$N/ntroute/dhcp_range")" "route 10.32.0.2 10.32.0.9"
