# What `protect` names can be neither changed nor deleted, by no way round.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    protect: ["vms/web*"]
Y
vm=$P/vms/web3
cp -r "$vm" before
reset_calls
expect EPERM rmdir "$vm"
expect EPERM write "$vm/status" up
expect EPERM write "$vm/memory" 4096
expect EPERM append "$vm/memory" 4096
expect EPERM overwrite "$vm/memory" 4096
expect EPERM rename "$vm" "$P/vms/other"
expect EPERM unlink "$vm/memory"
expect EPERM mkdir "$vm/disks/new"
expect EPERM mkdir "$vm/snapshots/new"
expect EPERM rmdir "$vm/disks/vda"
expect EPERM rename "$vm/disks/vda" "$P/disks/web3-vda"
expect EPERM write "$vm/clone" "copy"
expect EPERM mkdir "$P/vms/web9"
mkdir "$P/drafts/vms/web8"
expect EPERM rename "$P/drafts/vms/web8" "$P/vms/web8"
echo 4096 > value
for tool in 'mv value "$1/memory"' 'install value "$1/memory"' 'cp value "$1/memory"' \
    'rsync --inplace -I value "$1/memory"' 'sed -i s/.*/4096/ "$1/memory"' \
    'rm -r "$1"' 'dd if=value of="$1/memory" status=none'; do
    refuses bash -c "$tool" bash "$vm" < /dev/null 2> errors
    has 'Operation not permitted' errors || fail "$tool: $(cat errors)"
done
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
diff -r before "$vm"
expect ok write "$P/vms/db1/description" changed
