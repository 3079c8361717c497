# What is made outside is visible, also where its name was just looked for in vain (C4).
source "$LIB/case.sh"
mount_demo
expect ENOENT stat "$P/vms/z"
inject outside "vm.create z"
within 1 test -d "$P/vms/z"
is "$(cat "$P/vms/z/name")" z
ls "$P/vms" | grep -qx z
