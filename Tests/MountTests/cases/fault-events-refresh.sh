# refresh forgets what is cached: the next read asks again (L12).
source "$LIB/case.sh"
mount_demo
ls "$P/vms" > /dev/null
reset_calls
ls "$P/vms" > /dev/null
is "$(calls vm.list)" 0
echo x > "$P/refresh"
ls "$P/vms" > /dev/null
is "$(calls vm.list)" 1
