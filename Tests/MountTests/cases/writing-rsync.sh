# rsync onto an attribute, renaming and in place, is one call each and leaves nothing (W12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
echo 4 > cpus
# rsync takes files of equal size and time as equal.
touch -d yesterday cpus
reset_calls
rsync cpus "$vm/cpus"
is "$(cat "$vm/cpus")" 4
is "$(changes)" 1
echo 6 > cpus
rsync --inplace --ignore-times cpus "$vm/cpus"
is "$(cat "$vm/cpus")" 6
is "$(changes)" 2
ls -A "$vm" | diff before -
