# A rename is a rename: never a copy and a deletion; over another machine it is refused (C9).
source "$LIB/case.sh"
mount_demo
id=$(cat "$P/vms/web3/id")
reset_calls
mv -T "$P/vms/web3" "$P/vms/renamed"
is "$(calls vm.create) $(calls vm.delete) $(changes)" "0 0 1"
is "$(cat "$P/vms/renamed/id")" "$id"
expect EEXIST rename "$P/vms/renamed" "$P/vms/web1"
# rename(2): what the flags ask for is not supported.
expect EINVAL exchange "$P/vms/renamed" "$P/vms/web1"
expect EPERM rename "$P/vms/renamed" "$P/networks/renamed"
is "$(cat "$P/vms/renamed/id")" "$id"
echo again > "$P/vms/renamed/name"
is "$(cat "$P/vms/again/id")" "$id"
refuses test -e "$P/vms/renamed"
