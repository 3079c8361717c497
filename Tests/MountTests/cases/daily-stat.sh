# stat: exact sizes, block counts, owners.
source "$LIB/case.sh"
mount_demo
is "$(stat -c %s "$P/vms/web1/name")" 5
is "$(stat -c '%F' "$P/vms/web1")" directory
is "$(stat -c '%F' "$P/vms/web1/memory")" "regular file"
is "$(stat -c '%u %g' "$P/vms/web1/memory")" "$(id -u) $(id -g)"
expect ENOENT stat "$P/vms/none"
expect ENOENT stat "$P/vms/web1/none"
