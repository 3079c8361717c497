# A megabyte, or binary, into a one-line attribute is refused, and nothing is changed.
source "$LIB/case.sh"
mount_demo
before=$(cat "$P/vms/web3/info")
head -c 1048576 /dev/zero | tr '\0' 1 > much
head -c 4096 /dev/urandom > binary
reset_calls
for name in memory cpus status name description metadata/plan; do
    expect EFBIG write-file "$P/vms/web3/$name" much
    expect EINVAL write-file "$P/vms/web3/$name" binary
done
expect EPERM write-file "$P/vms/web3/info" much
is "$(changes)" 0
is "$(cat "$P/vms/web3/info")" "$before"
