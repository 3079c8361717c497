# Metadata, interfaces and disks of a running machine are removed when asked for by name.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web1
echo yes > "$vm/metadata/colour"
is "$(cat "$vm/metadata/colour")" yes
rm "$vm/metadata/colour"
refuses test -e "$vm/metadata/colour"
mkdir "$vm/disks/d2"
test -s "$vm/disks/d2/size"
rm -r "$vm/disks/d2"
refuses test -e "$vm/disks/d2"
mkdir "$vm/nics/eth9"
is "$(ls "$vm/nics" | wc -l)" 2
rmdir "$vm/nics/eth9"
is "$(ls "$vm/nics" | wc -l)" 1
