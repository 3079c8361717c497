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
    if r["Type"] not in ("NS", "SOA"): print(r["Name"].replace("\\052", "*"), r["Type"], r["TTL"], [v["Value"] for v in r["ResourceRecords"]])
Y
is "$(sort seen)" "$(sort <<'Y'
*.example.org. CNAME 300 ['www.example.org']
example.org. TXT 300 ['"v=spf1 -all"']
www.example.org. A 60 ['192.0.2.1', '192.0.2.2']
Y
)"
is "$(cat "$zone/@/TXT")" '"v=spf1 -all"'
expect ENOTEMPTY rmdir "$zone"
rm "$zone/www/A"
refuses test -e "$zone/www/A"
# More records than a page of Route 53 holds.
many() {
    boto "$1" <<'Y'
z = [z["Id"] for z in dns.list_hosted_zones()["HostedZones"] if z["Name"] == "example.org."][0]
sets = [{"Name": f"n{i:03}.example.org.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.7"}]} for i in range(310)]
dns.change_resource_record_sets(HostedZoneId=z, ChangeBatch={"Changes": [{"Action": sys.argv[1], "ResourceRecordSet": s} for s in sets]})
Y
}
shows() { [ "$(find "$zone" -mindepth 1 -maxdepth 1 -name 'n[0-9]*' | wc -l)" = "$1" ]; }
many CREATE
within 10 shows 310
many DELETE
within 10 shows 0
# A machine's record comes and goes with it.
make_machine host reservedns yes domain example.org
is "$(cat "$zone/host/A")" "$(boto <<< 'i = named("host")[0]; print(i.get("PublicIpAddress") or i["PrivateIpAddress"])')"
rmdir "$P/vms/host"
within 5 bash -c "! test -e '$zone/host/A'"
rm "$zone/@/TXT" "$zone/*/CNAME"
rmdir "$zone"
is "$(boto <<< 'print(len([z for z in dns.list_hosted_zones()["HostedZones"] if z["Name"] == "example.org."]))')" 0
