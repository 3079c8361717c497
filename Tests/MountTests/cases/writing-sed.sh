# sed -i changes an attribute by one call and leaves nothing; an invalid value fails it (W12, W13).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
reset_calls
sed -i 's/.*/4/' "$vm/cpus"
is "$(cat "$vm/cpus")" 4
is "$(changes)" 1
ls -A "$vm" | diff before -
refuses sed -i 's/.*/many/' "$vm/cpus" 2> errors
has ': Operation canceled$' errors
is "$(cat "$vm/cpus")" 4
is "$(changes)" 1
ls -A "$vm" | diff before -
