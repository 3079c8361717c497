# A value out of the platform's range is refused, and nothing is changed (W20).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
whole > before
# Also what no machine's word can hold.
for value in 0 999999999 9223372036854775807 9223372036854775808 99999999999999999999999999 9007199254740993G 9999999999999999999T; do
    expect ERANGE write "$vm/memory" "$value"
    expect ERANGE append "$vm/memory" "$value"
done
for value in 0 100000 18446744073709551616 99999999999999999999999999; do expect ERANGE write "$vm/cpus" "$value"; done
for value in 999999999 99999999999999999999999999; do
    expect ERANGE write "$vm/disks/vda/size" "$value"
    expect ERANGE write "$P/disks/web3-disk0/size" "$value"
done
# A disk only grows.
expect EINVAL write "$vm/disks/vda/size" 1
expect EINVAL write "$P/disks/web3-disk0/size" 1
echo x > "$P/refresh"
whole | diff before -
