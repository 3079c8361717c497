# clone copies a machine; a long one is a job with progress.
source "$LIB/case.sh"
mount_demo
echo copy1 > "$P/vms/web3/clone"
within 10 test -d "$P/vms/copy1"
is "$(cat "$P/vms/copy1/memory")" "$(cat "$P/vms/web3/memory")"
differs "$(cat "$P/vms/copy1/id")" "$(cat "$P/vms/web3/id")"
expect EEXIST write "$P/vms/web3/clone" web1
