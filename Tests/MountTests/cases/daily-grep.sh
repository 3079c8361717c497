# grep -r over the whole mount ends, finds, and changes nothing.
source "$LIB/case.sh"
mount_demo
reset_calls
grep -rl storefront "$P/vms" > found
grep -qx "$P/vms/web1/description" found
timeout 30 grep -r needle-that-is-nowhere "$M" || is $? 1
is "$(changes)" 0
