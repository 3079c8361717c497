# examples/restore makes a machine again from what examples/backup archived.
# Limit: 90 s
source "$LIB/case.sh"
mount_demo
allow_errors EEXIST
backup=$ROOT/examples/backup restore=$ROOT/examples/restore
"$backup" "$P" b > out
echo 3 > "$P/vms/web3/cpus"
echo 'two
lines' > "$P/vms/web3/description"
"$backup" "$P" b > out
mac=$(cat "$P/vms/web3/nics/eth0/mac") size=$(cat "$P/vms/web3/disks/vda/size") old=$(tar -xOf b/000-full.tar vms/web3/cpus)
differs "$old" 3
rm -r "$P/vms/web3"
"$backup" "$P" b > out

# It is not there in the last archive: deleted machines do not come back by themselves.
refuses "$restore" b "$P" web3 2> message
grep -q "there is no machine 'web3' in b/002-incremental.tar" message
"$restore" --at 1 --plan b "$P" web3 > plan
grep -qx 'cpus: 3' plan
refuses test -e "$P/vms/web3"
is "$("$restore" --at 1 b "$P" web3)" "$P/vms/web3"
is "$(cat "$P/vms/web3/cpus")" 3
is "$(cat "$P/vms/web3/description")" 'two
lines'
is "$(cat "$P/vms/web3/nics/eth0/mac") $(cat "$P/vms/web3/disks/vda/size")" "$mac $size"
is "$(cat "$P/vms/web3/status")" down
is "$(ls "$P/drafts/vms")" ""

# As it was at first, under another name, beside the one that is there.
is "$("$restore" --at 0 --as web3-old b "$P" web3)" "$P/vms/web3-old"
is "$(cat "$P/vms/web3-old/cpus")" "$old"
differs "$(cat "$P/vms/web3-old/nics/eth0/mac")" "$mac"
refuses "$restore" b "$P" web1 2> message
grep -q 'is there: delete it, or name another by --as' message
refuses "$restore" --at 9 b "$P" web1 2> message
grep -q 'the last one is 2' message

# What the platform refuses stays as a draft, with the reason.
allow_errors EBUSY
inject error 'vm.create busy'
refuses "$restore" --as web6 b "$P" web1 2> message
grep -q "web6 was not made, $P/drafts/vms/web6 stays: .*EBUSY" message
clear_fault error
mv "$P/drafts/vms/web6" "$P/vms/web6"
is "$(cat "$P/vms/web6/memory")" "$(cat "$P/vms/web1/memory")"
