# tar out of a machine and back: extracted into a draft and moved, it is the same machine again.
source "$LIB/case.sh"
mount_demo
ls "$P/vms/web3/snapshots" | while read -r name; do rmdir "$P/vms/web3/snapshots/$name"; done
memory=$(cat "$P/vms/web3/memory") cpus=$(cat "$P/vms/web3/cpus") image=$(cat "$P/vms/web3/image")
tar -C "$P/vms" --exclude=data -cf web3.tar web3
rm -r "$P/vms/web3"
expect ENOENT stat "$P/vms/web3"
timeout 20 tar -C "$P/drafts/vms" -xf web3.tar
mv "$P/drafts/vms/web3" "$P/vms/web3"
is "$(cat "$P/vms/web3/memory") $(cat "$P/vms/web3/cpus") $(cat "$P/vms/web3/image")" "$memory $cpus $image"
refuses test -e "$P/drafts/vms/web3"
