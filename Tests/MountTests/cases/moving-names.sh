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
# A network likewise, and what is on it tells its new name.
on=$(grep -l . "$P"/vms/*/nics/eth0/network | head -n 1)
network=$(cat "$on")
id=$(cat "$P/networks/$network/id")
expect EEXIST rename "$P/networks/$network" "$P/networks/$(ls "$P/networks" | grep -vx "$network" | head -n 1)"
reset_calls
mv -T "$P/networks/$network" "$P/networks/renamed"
is "$(calls network.create) $(calls network.delete) $(calls network.rename) $(changes)" "0 0 1 1"
is "$(cat "$P/networks/renamed/id") $(cat "$on")" "$id renamed"
echo "$network" > "$P/networks/renamed/name"
is "$(cat "$P/networks/$network/id") $(cat "$on")" "$id $network"
refuses test -e "$P/networks/renamed"
