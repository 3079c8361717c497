# find by name, type, size and time.
source "$LIB/case.sh"
mount_demo
is "$(find "$P/vms" -mindepth 1 -maxdepth 1 -type d | wc -l)" 12
is "$(find "$P/vms" -path '*/web1/status' -type f)" "$P/vms/web1/status"
is "$(find "$P/vms/web1" -maxdepth 1 -name memory -size -1000c)" "$P/vms/web1/memory"
is "$(find "$P/vms" -maxdepth 1 -name '.*')" ""
is "$(find "$M" -type f -newermt 'now + 1 hour')" ""
