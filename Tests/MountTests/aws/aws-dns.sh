# Zones and records of Route 53 are files, and boto3 sees what they say.
# Limit: 60 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
mount_cloud
mkdir "$P/dns/example.org"
zone=$P/dns/example.org
mkdir "$zone/www"
printf '192.0.2.1\n192.0.2.2\n' > "$zone/www/A"
echo 60 > "$zone/www/ttl"
echo 'v=spf1 -all' > "$zone/@/TXT"
mkdir "$zone/*"
echo www.example.org > "$zone/*/CNAME"
boto > seen <<'Y'
z = [z["Id"] for z in dns.list_hosted_zones()["HostedZones"] if z["Name"] == "example.org."][0]
for r in dns.list_resource_record_sets(HostedZoneId=z)["ResourceRecordSets"]:
    if r["Type"] not in ("NS", "SOA"): print(r["Name"], r["Type"], r["TTL"], [v["Value"] for v in r["ResourceRecords"]])
Y
is "$(sort seen)" "$(sort <<'Y'
\052.example.org. CNAME 300 ['www.example.org']
example.org. TXT 300 ['"v=spf1 -all"']
www.example.org. A 60 ['192.0.2.1', '192.0.2.2']
Y
)"
is "$(cat "$zone/@/TXT")" '"v=spf1 -all"'
expect ENOTEMPTY rmdir "$zone"
rm "$zone/www/A"
refuses test -e "$zone/www/A"
# A machine's record comes and goes with it.
make_machine host reservedns yes domain example.org
is "$(cat "$zone/host/A")" "$(boto <<< 'i = named("host")[0]; print(i.get("PublicIpAddress") or i["PrivateIpAddress"])')"
rmdir "$P/vms/host"
within 5 bash -c "! test -e '$zone/host/A'"
rm "$zone/@/TXT" "$zone/*/CNAME"
rmdir "$zone"
is "$(boto <<< 'print(len([z for z in dns.list_hosted_zones()["HostedZones"] if z["Name"] == "example.org."]))')" 0
