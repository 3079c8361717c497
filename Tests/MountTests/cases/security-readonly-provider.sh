# read_only: true refuses everything with EROFS, by no way round.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    read_only: true
Y
vm=$P/vms/web3
cp -r "$vm" before
bucket=$(ls "$P/buckets" | head -n 1)
reset_calls
expect EROFS write "$vm/status" up
expect EROFS overwrite "$vm/memory" 4096
expect EROFS rmdir "$vm"
expect EROFS unlink "$vm/memory"
expect EROFS rename "$vm" "$P/vms/other"
expect EROFS mkdir "$P/vms/new"
expect EROFS mkdir "$vm/disks/new"
expect EROFS write "$vm/clone" copy
expect EROFS create "$P/buckets/$bucket/object"
expect EROFS mkdir "$P/buckets/new"
refuses sed -i s/.*/4096/ "$vm/memory" 2> errors
has 'Read-only file system$' errors
refuses rm -r "$vm" 2> errors
is "$(grep -vc ': Read-only file system$' errors)" 0 "$(cat errors)"
# What is prepared is no change yet.
mkdir "$P/drafts/vms/new"
expect EROFS rename "$P/drafts/vms/new" "$P/vms/new"
is "$(changes)" 0 "$(cat "$P/.inject/calls")"
diff -r before "$vm"
is "$(stat -c %A "$vm/memory")" -r--------
