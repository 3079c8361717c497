# du ends, and says what the exact sizes sum up to.
source "$LIB/case.sh"
mount_demo
is "$(du -s --apparent-size -b "$P/vms/web1" | cut -f 1)" \
    "$(find "$P/vms/web1" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')"
du -sk "$P/vms" > size
[ "$(cut -f 1 size)" -gt 0 ]
du -sk --apparent-size "$P/buckets" > size
[ "$(cut -f 1 size)" -gt 0 ]
