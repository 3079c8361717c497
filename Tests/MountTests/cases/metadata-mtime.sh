# The time of a file moves when its content does, and only then (M12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
cpus=$(stat -c %.Y "$vm/cpus") memory=$(stat -c %.Y "$vm/memory")
echo 4 > "$vm/cpus"
changed=$(stat -c %.Y "$vm/cpus")
differs "$changed" "$cpus"
is "$(stat -c %.Y "$vm/memory")" "$memory"
echo 4 > "$vm/cpus"
touch "$vm/cpus"
is "$(stat -c %.Y "$vm/cpus")" "$changed"
