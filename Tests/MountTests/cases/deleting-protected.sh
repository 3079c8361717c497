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
refuses mv value "$vm/memory" 2> /dev/null
refuses sed -i s/.*/4096/ "$vm/memory" 2> /dev/null
refuses rm -r "$vm" 2> /dev/null
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
diff -r before "$vm"
expect ok write "$P/vms/db1/description" changed
