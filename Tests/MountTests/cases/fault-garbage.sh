# Odd entries are listed as unknown, with the reason; the others are as they were.
source "$LIB/case.sh"
mount_demo
inject garbage 'vms web2'
echo x > "$P/refresh"
is "$(ls "$P/vms" | wc -l)" 12
is "$(cat "$P/vms/web2/status")" unknown
grep -q . "$P/vms/web2/fault"
is "$(cat "$P/vms/web1/status")" up
ls -l "$P/vms/web2" > /dev/null
inject garbage 'vms reply'
echo x > "$P/refresh"
expect EIO list "$P/vms"
expect ok list "$P/networks"
inject garbage
echo x > "$P/refresh"
is "$(cat "$P/vms/web2/status")" up
