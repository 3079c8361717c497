# tar extracted over a machine ends, without an endless loop (C8).
source "$LIB/case.sh"
mount_demo
memory=$(cat "$P/vms/web3/memory")
tar -C "$P/vms" --exclude=data -cf vm.tar web3
echo 1024 > "$P/vms/web3/memory"
status=0
timeout 20 tar -C "$P/vms" -xf vm.tar 2> errors || status=$?
differs $status 124
is "$(cat "$P/vms/web3/memory")" "$memory"
is "$(cat "$P/vms/web3/status")" down
