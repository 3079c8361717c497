# Unknown names in a machine's directory: what an editor makes is scratch memory and is not kept, the rest is EPERM (C12).
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
reset_calls
touch "$vm/foo.tmp" "$vm/.foo.swp" "$vm/foo~"
expect EPERM create "$vm/foo"
expect EPERM mkdir "$vm/bar"
expect EPERM symlink "$vm/y" x
expect EPERM mkfifo "$vm/pipe"
expect EPERM link "$vm/hard" "$vm/memory"
is "$(changes)" 0
within 12 bash -c "ls -A '$vm' | diff before -"
unmount
mount_demo
ls -A "$vm" | diff before -
