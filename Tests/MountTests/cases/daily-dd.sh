# dd reads at any block size and writes with and without truncation.
source "$LIB/case.sh"
mount_demo
file=$P/vms/web1/info
cat "$file" > whole
dd if="$file" bs=1 status=none | cmp - whole
dd if="$file" bs=3 skip=1 status=none | cmp - <(tail -c +4 whole)
echo 6 > six
dd if=six of="$P/vms/web3/cpus" status=none
is "$(cat "$P/vms/web3/cpus")" 6
echo 7 | dd of="$P/vms/web3/cpus" conv=notrunc status=none
is "$(cat "$P/vms/web3/cpus")" 7
