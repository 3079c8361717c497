# mv of a file onto an attribute is one call and leaves nothing (W12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
echo 4 > four
reset_calls
mv four "$vm/cpus"
is "$(cat "$vm/cpus")" 4
is "$(changes)" 1
ls -A "$vm" | diff before -
echo many > many
refuses mv many "$vm/cpus" 2> errors
has ': Invalid argument$' errors
test -s many
is "$(cat "$vm/cpus")" 4
