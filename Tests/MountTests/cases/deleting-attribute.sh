# rm of an attribute hides its name and changes nothing; it comes back by itself (C11).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
before=$(cat "$vm/memory")
reset_calls
rm "$vm/memory"
refuses test -e "$vm/memory"
refuses bash -c "ls '$vm' | grep -qx memory"
is "$(changes)" 0
is "$(jq .memory "$vm/info.json")" "$before"
within 12 reads "$vm/memory" "$before"
rm "$vm/memory"
echo 2048 > "$vm/memory"
is "$(cat "$vm/memory")" 2048
