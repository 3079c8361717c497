# A megabyte, or binary, into a one-line attribute is refused, and nothing is changed.
source "$LIB/case.sh"
mount_demo
before=$(cat "$P/vms/web3/info")
head -c 1048576 /dev/zero | tr '\0' 1 > much
head -c 4096 /dev/urandom > binary
for name in memory status name; do
    matches "$(fsop write-file "$P/vms/web3/$name" much)" '^(EINVAL|EFBIG|ERANGE|ENAMETOOLONG)$'
    matches "$(fsop write-file "$P/vms/web3/$name" binary)" '^(EINVAL|EFBIG|ENAMETOOLONG)$'
done
is "$(cat "$P/vms/web3/info")" "$before"
