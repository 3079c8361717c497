# cp -r of a machine onto another changes what can be changed, and not what it is (C10).
source "$LIB/case.sh"
mount_demo
mkdir "$P/vms/other"
echo down > "$P/vms/other/status"
await_status other down
id=$(cat "$P/vms/other/id")
echo 3072 > "$P/vms/web3/memory"
status=0
timeout 20 cp -rT "$P/vms/web3" "$P/vms/other" 2> errors || status=$?
# Of what cannot be set, each by its name: facts, and the name of one that is there.
is $status 1 "$(cat errors)"
is "$(grep -vcE ': Operation not permitted$|/other/name.: File exists$' errors)" 0 "$(cat errors)"
has '/other/disks/vda/path.: Operation not permitted$' errors
has '/other/name.: File exists$' errors
for name in description autostart nics/eth0/network disks/vda/size; do
    is "$(cat "$P/vms/other/$name")" "$(cat "$P/vms/web3/$name")" $name
done
is "$(cat "$P/vms/other/memory")" 3072
is "$(cat "$P/vms/other/id")" "$id"
is "$(cat "$P/vms/web3/memory")" 3072
# To a new name: its directory is a machine by then, from the default profile, and no file in it is new. cp says so of each.
reset_calls
refuses timeout 20 cp -r "$P/vms/web3" "$P/vms/new2" 2> errors
is "$(grep -vc 'File exists' errors)" 0
has 'new2/memory.*File exists' errors
is "$(calls vm.create) $(changes)" "1 1" "$(cat "$P/.inject/calls")"
differs "$(cat "$P/vms/new2/memory")" 3072
is "$(cat "$P/vms/web3/memory")" 3072
