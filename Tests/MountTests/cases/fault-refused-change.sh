# A change that the platform refuses is not shown (W11).
source "$LIB/case.sh"
mount_demo
value=$(cat "$P/vms/web3/cpus")
inject error "vm.cpus quota-exceeded"
expect EDQUOT write "$P/vms/web3/cpus" 16
is "$(cat "$P/vms/web3/cpus")" "$value"
is "$(jq .cpus "$P/vms/web3/info.json")" "$value"
inject error
echo 16 > "$P/vms/web3/cpus"
is "$(cat "$P/vms/web3/cpus")" 16
