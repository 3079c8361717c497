# A failing platform is never "no such file" and never an empty listing (W8).
source "$LIB/case.sh"
mount_demo
inject error "* failed"
echo x > "$P/refresh"
expect EIO list "$P/vms"
expect EIO stat "$P/vms/web1"
expect EIO read "$P/vms/web1/status"
inject error
echo x > "$P/refresh"
expect ok read "$P/vms/web1/status"
is "$(ls "$P/vms" | wc -l)" 12
