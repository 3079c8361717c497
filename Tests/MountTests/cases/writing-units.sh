# Memory is understood in the units that people write.
source "$LIB/case.sh"
mount_demo
for pair in 1024:1024 2048M:2048 2G:2048 3GiB:3072 1024MiB:1024; do
    echo "${pair%:*}" > "$P/vms/web3/memory"
    is "$(cat "$P/vms/web3/memory")" "${pair#*:}" "$pair"
done
