# A machine is made, run, resized, snapshotted, cloned and deleted as files, and boto3 sees each step.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/aws.sh"
mount_cloud
make_machine life plan blue description 'made here'
vm=$P/vms/life
boto > seen <<'Y'
i = named("life")[0]
print(i["State"]["Name"], i["InstanceType"], tags(i)["plan"], tags(i)["image"], tags(i)["description"])
Y
is "$(cat seen)" "stopped t3.micro blue tests/base-1 made here"
is "$(cat "$vm/status") $(cat "$vm/raw_status") $(cat "$vm/memory") $(cat "$vm/cpus")" "down stopped 1024 2"

echo up > "$vm/status"
timeout 20 cat "$vm/.wait/up"
is "$(boto <<< 'print(named("life")[0]["State"]["Name"])')" running
# What AWS refuses is refused, with words.
refuses bash -c "echo t3.large > '$vm/flavor'" 2> /dev/null
grep -q 'write down to its status' "$vm/.error"
expect EBUSY write "$vm/flavor" t3.large
expect EBUSY rmdir "$vm"
echo restart > "$vm/status"
echo shutdown > "$vm/status"
timeout 20 cat "$vm/.wait/down"
echo t3.large > "$vm/flavor"
is "$(cat "$vm/memory")" 8192
echo 2G > "$vm/memory"
is "$(cat "$vm/memory") $(boto <<< 'print(named("life")[0]["InstanceType"])')" "2048 $(cat "$vm/flavor")"

# Tags, both ways.
echo red > "$vm/metadata/team"
echo more >> "$vm/metadata/team"
is "$(boto <<< 'print(tags(named("life")[0])["team"])')" "$(printf 'red\nmore')"
rm "$vm/metadata/team"
boto <<< 'ec2.create_tags(Resources=[named("life")[0]["InstanceId"]], Tags=[{"Key": "owner", "Value": "ann"}])'
within 5 reads "$vm/owner" ann

# Disks: made in it, moved in and out, grown, deleted.
mkdir "$vm/disks/sdg"
is "$(cat "$vm/disks/sdg/size")" 10
echo 12 > "$vm/disks/sdg/size"
mkdir "$P/drafts/disks/spare"
echo 3 > "$P/drafts/disks/spare/size"
boto > zone <<< 'print(named("life")[0]["Placement"]["AvailabilityZone"])'
cat zone > "$P/drafts/disks/spare/az"
mv "$P/drafts/disks/spare" "$P/disks/spare"
mv "$P/disks/spare" "$vm/disks/"
is "$(cat "$P/disks/spare/vm")" life
is "$(boto <<< 'print(sorted(d["DeviceName"] for d in named("life")[0]["BlockDeviceMappings"]))')" "['/dev/sda1', '/dev/sdf', '/dev/sdg']"
is "$(boto <<< 'print([v["Size"] for v in ec2.describe_volumes()["Volumes"] if v["Attachments"] and v["Attachments"][0]["Device"] == "/dev/sdg"])')" "[12]"
mv "$vm/disks/sdf" "$P/disks/"
is "$(cat "$P/disks/spare/vm")" ""
rm -r "$vm/disks/sdg"
rmdir "$P/disks/spare"
is "$(ls "$vm/disks")" sda1

# Interfaces.
mkdir "$vm/nics/eth1"
is "$(ls "$vm/nics" | tr '\n' ' ') $(boto <<< 'print(len(named("life")[0]["NetworkInterfaces"]))')" "eth0 eth1  2"
rmdir "$vm/nics/eth1"
is "$(ls "$vm/nics")" eth0
expect EPERM rmdir "$vm/nics/eth0"

# Snapshots of all volumes; a revert gives a new root volume.
mkdir "$vm/snapshots/before"
is "$(cat "$vm/snapshots/before/current")" yes
old=$(cat "$vm/disks/sda1/path")
echo before > "$vm/revert"
differs "$(cat "$vm/disks/sda1/path")" "$old"
is "$(ls "$vm/disks")" sda1
expect ENOTEMPTY rmdir "$vm"
rmdir "$vm/snapshots/before"

# An image of it, and a copy.
echo tests/made > "$vm/export"
within 10 test -d "$P/images/tests%2Fmade"
echo copy > "$vm/clone"
within 30 test -d "$P/vms/copy"
is "$(cat "$P/vms/copy/plan")" blue
timeout 20 cat "$P/vms/copy/.wait/down"
rmdir "$P/vms/copy" "$P/images/tests%2Fmade"

mv "$vm" "$P/vms/renamed"
is "$(boto <<< 'print(len(named("renamed")), len(named("life")))')" "1 0"
rm -r "$P/vms/renamed"
is "$(boto <<< 'print(len(named("renamed")))')" 0
refuses test -e "$P/vms/renamed"
is "$(refusals)" ""
