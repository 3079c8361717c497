# A value out of the platform's range is refused, and nothing is changed (W20).
source "$LIB/case.sh"
mount_demo
before=$(cat "$P/vms/web3/info")
matches "$(fsop write "$P/vms/web3/memory" 999999999)" '^(ERANGE|EDQUOT|ENOSPC)$'
matches "$(fsop write "$P/vms/web3/memory" 99999999999999999999999999)" '^(ERANGE|EINVAL)$'
matches "$(fsop write "$P/vms/web3/cpus" 100000)" '^(ERANGE|EDQUOT)$'
is "$(cat "$P/vms/web3/info")" "$before"
