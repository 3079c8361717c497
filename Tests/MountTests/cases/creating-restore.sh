# A machine that was backed up by cp is restored by cp and mv.
source "$LIB/case.sh"
mount_demo
rmdir "$P"/vms/web3/snapshots/* 2> /dev/null || true
cp -r "$P/vms/web3" backup
rm -r "$P/vms/web3"
cp -r backup "$P/drafts/vms/web3"
mv "$P/drafts/vms/web3" "$P/vms/web3"
for name in name memory cpus image description plan profile; do
    is "$(cat "$P/vms/web3/$name")" "$(cat "backup/$name")" "$name"
done
is "$(cat "$P/vms/web3/disks/vda/size")" "$(cat backup/disks/vda/size)"
