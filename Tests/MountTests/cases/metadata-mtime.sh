# The time of a file moves when its content does, and only then (M12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
cpus=$(stat -c %.Y "$vm/cpus") memory=$(stat -c %.Y "$vm/memory")
echo 4 > "$vm/cpus"
changed=$(stat -c %.Y "$vm/cpus")
differs "$changed" "$cpus"
[[ $changed > $cpus ]]
is "$(stat -c %.Y "$vm/memory")" "$memory"
is "$changed" "$(for _ in 1 2 3; do cat "$vm/cpus" > /dev/null; stat -c %.Y "$vm/cpus"; done | sort -u)"
echo 4 > "$vm/cpus"
touch "$vm/cpus"
echo x > "$P/refresh"
is "$(stat -c %.Y "$vm/cpus")" "$changed"
