# A throttled call is tried again; one that stays throttled is EAGAIN before the deadline (W9).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    timeout: 3s
Y
inject throttle 1
expect ok write "$P/vms/web3/cpus" 3
is "$(cat "$P/vms/web3/cpus")" 3
inject throttle 0/s
start=$(milliseconds)
expect EAGAIN write "$P/vms/web3/cpus" 4
at_most $(($(milliseconds) - start)) 4000
inject throttle
is "$(cat "$P/vms/web3/cpus")" 3
