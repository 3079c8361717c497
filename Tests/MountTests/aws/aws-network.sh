# Networks, subnets with their routes, and security groups are made and unmade in order; boto3 sees them whole.
# Limit: 120 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
mount_cloud
mkdir "$P/drafts/networks/net1"
echo 10.77.0.0/16 > "$P/drafts/networks/net1/cidr"
echo blue > "$P/drafts/networks/net1/plan"
mv "$P/drafts/networks/net1" "$P/networks/"
is "$(cat "$P/networks/net1/mode") $(cat "$P/networks/net1/plan")" "route blue"
is "$(cat "$P/subnets/net1-subnet1/cidr") $(cat "$P/subnets/net1-subnet1/network")" "10.77.0.0/24 net1"
matches "$(cat "$P/subnets/net1-subnet1/routes")" '^0\.0\.0\.0/0 via igw-'

# A subnet of its own, whose routes are a document.
mkdir "$P/drafts/subnets/two"
echo 10.77.2.0/24 > "$P/drafts/subnets/two/cidr"
echo net1 > "$P/drafts/subnets/two/network"
mv "$P/drafts/subnets/two" "$P/subnets/"
echo '192.0.2.0/24 via internet' > "$P/subnets/two/routes"
matches "$(cat "$P/subnets/two/routes")" '^192\.0\.2\.0/24 via igw-'
matches "$(cat "$P/subnets/net1-subnet1/routes")" '^0\.0\.0\.0/0 via igw-'
expect EINVAL write "$P/subnets/two/routes" 'everywhere via nowhere'

# Rules as text, applied as a difference.
mkdir "$P/drafts/security_groups/web"
echo net1 > "$P/drafts/security_groups/web/network"
printf 'ingress tcp 22 10.0.0.0/8\ningress tcp 80 0.0.0.0/0\n' > "$P/drafts/security_groups/web/rules"
mv "$P/drafts/security_groups/web" "$P/security_groups/"
is "$(cat "$P/security_groups/web/rules")" "$(printf 'egress any any 0.0.0.0/0\ningress tcp 22 10.0.0.0/8\ningress tcp 80 0.0.0.0/0')"
judge reset -
echo 'ingress tcp 443 ::/0' >> "$P/security_groups/web/rules"
is "$(judge calls | jq -r '.[]' | grep -c 'SecurityGroup[IE]' || true)" 1
grep -v 'tcp 22' "$P/security_groups/web/rules" > rules
cat rules > "$P/security_groups/web/rules"
boto > seen <<'Y'
g = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["web"]}])["SecurityGroups"][0]
print(sorted(p["FromPort"] for p in g["IpPermissions"]), len(g["IpPermissionsEgress"]))
Y
is "$(cat seen)" "[80, 443] 1"
expect EINVAL write "$P/security_groups/web/rules" 'ingress carrier-pigeon 1 ::/0'

# A machine in both; then nothing of it can go before the machine.
mkdir "$P/drafts/vms/tenant" "$P/drafts/vms/tenant/nics" "$P/drafts/vms/tenant/nics/nic0"
echo tests/base-1 > "$P/drafts/vms/tenant/image"
echo two > "$P/drafts/vms/tenant/nics/nic0/network"
echo web > "$P/drafts/vms/tenant/securitygroups"
mv "$P/drafts/vms/tenant" "$P/vms/"
is "$(cat "$P/vms/tenant/ports")" net1
expect EBUSY rmdir "$P/networks/net1"
expect EBUSY rmdir "$P/subnets/two"
expect EBUSY rmdir "$P/security_groups/web"
echo down > "$P/vms/tenant/status"
timeout 20 cat "$P/vms/tenant/.wait/down"
rm -r "$P/vms/tenant"
within 20 rmdir "$P/security_groups/web"
expect ENOTEMPTY rmdir "$P/networks/net1"
within 10 rmdir "$P/subnets/two"
within 10 rmdir "$P/networks/net1"
boto > seen <<'Y'
print(len(ec2.describe_vpcs()["Vpcs"]), [g for g in ec2.describe_internet_gateways()["InternetGateways"] if tags(g).get("Name") == "net1"])
Y
is "$(cat seen)" "1 []"
is "$(refusals)" ""
