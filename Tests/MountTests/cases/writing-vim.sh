# vim edits an attribute by one call and leaves nothing (W12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
reset_calls
"$LIB/typing" ':%s/.*/4/\r' ':wq\r' -- vim.tiny -u NONE "$vm/cpus"
is "$(cat "$vm/cpus")" 4
is "$(changes)" 1
ls -A "$vm" | diff before -
