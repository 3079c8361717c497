# The names that networks answer for: made, changed and removed by files, answered by the network's own server at once.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
end_networks() {
    virsh net-destroy dn1 > /dev/null 2>&1
    virsh net-undefine dn1 > /dev/null 2>&1
}
at_end end_networks
mount_lab
mkdir "$P/drafts/networks/dn1"
echo 10.36.0.0/24 > "$P/drafts/networks/dn1/cidr"
echo fd36::/64 > "$P/drafts/networks/dn1/dual_cidr"
echo zone.test > "$P/drafts/networks/dn1/domain"
mv "$P/drafts/networks/dn1" "$P/networks/dn1"
Z=$P/dns/zone.test
within 7 test -d "$Z"
within 7 test -d "$P/dns/default"
xml() { virsh net-dumpxml dn1 "$@"; }
answers() { [ "$(inside dig +short +tries=1 +time=2 @10.36.0.1 "$1" "$2" | sort)" = "$3" ]; }

mkdir "$Z/web1"
echo 10.36.0.5 > "$Z/web1/A"
echo fd36::5 > "$Z/web1/AAAA"
for which in '' --inactive; do
    xml $which | has "<host ip='10.36.0.5'>"
    xml $which | has "<hostname>web1.zone.test</hostname>"
done
within 5 answers web1.zone.test A 10.36.0.5
within 5 answers web1.zone.test AAAA fd36::5
within 5 answers web1 A 10.36.0.5
is "$(cat "$Z/web1/A") $(cat "$Z/web1/AAAA")" "10.36.0.5 fd36::5"

# Two addresses, and two names of one address.
printf '10.36.0.5\n10.36.0.6\n' > "$Z/web1/A"
within 5 answers web1.zone.test A $'10.36.0.5\n10.36.0.6'
mkdir "$Z/www"
echo 10.36.0.5 > "$Z/www/A"
within 5 answers www.zone.test A 10.36.0.5
is "$(xml | grep -c "<host ip='10.36.0.5'>")" 1
echo 10.36.0.9 > "$Z/web1/A"
within 5 answers web1.zone.test A 10.36.0.9
within 5 answers www.zone.test A 10.36.0.5

mkdir "$Z/note" "$Z/_ldap._tcp" "$Z/@" "$Z/far.example.org."
echo 'v=spf1 -all' > "$Z/note/TXT"
printf '10 20 389 web1.zone.test\n' > "$Z/_ldap._tcp/SRV"
echo 10.36.0.1 > "$Z/@/A"
echo 10.36.0.44 > "$Z/far.example.org./A"
within 5 answers note.zone.test TXT '"v=spf1 -all"'
within 5 answers _ldap._tcp.zone.test SRV '10 20 389 web1.zone.test.'
within 5 answers zone.test A 10.36.0.1
within 5 answers far.example.org A 10.36.0.44
is "$(cat "$Z/_ldap._tcp/SRV")" '10 20 389 web1.zone.test'
is "$(echo "$Z"/* | xargs -n 1 basename | sort | paste -sd ' ')" '@ _ldap._tcp far.example.org. note web1 www'

# What libvirt cannot keep is refused, and changes nothing.
expect EINVAL write "$Z/web1/A" 'no address'
expect EINVAL write "$Z/web1/AAAA" 10.36.0.5
mkdir "$Z/alias" "$Z/*"
expect EOPNOTSUPP write-new "$Z/alias/CNAME" web1
expect EOPNOTSUPP write-new "$Z/*/A" 10.36.0.5
expect EPERM write "$Z/web1/ttl" 60
expect EINVAL write-new "$Z/alias/SRV" '1 2 3 web1'
expect EPERM mkdir "$P/dns/own.test"
is "$(cat "$Z/web1/A")" 10.36.0.9

# Removed for good; what others made is seen, and stays.
rm "$Z/web1/AAAA"
within 5 answers web1.zone.test AAAA ''
virsh net-update dn1 add dns-host '<host ip="10.36.0.70"><hostname>theirs</hostname></host>' --live --config > /dev/null
within 7 reads "$Z/theirs/A" 10.36.0.70
rm -r "$Z/web1" "$Z/note" "$Z/_ldap._tcp"
within 5 answers web1.zone.test A ''
refuses test -e "$Z/web1"
xml --inactive | refuses has '<srv'
xml --inactive | has theirs
within 5 answers www.zone.test A 10.36.0.5
