# An outage is EHOSTUNREACH, the status says why, and it ends by itself.
source "$LIB/case.sh"
mount_demo
inject outage "yes the power is out"
within 2 grep -q '^down: .*power is out' "$P/status"
echo x > "$P/refresh" || true
expect EHOSTUNREACH list "$P/vms"
expect EHOSTUNREACH stat "$P/vms/web1"
expect EHOSTUNREACH write "$P/vms/web3/status" up
expect EHOSTUNREACH mkdir "$P/vms/new"
ls "$M" > /dev/null
# The machine's own .error is out of reach with it; what else tells why is not.
expect EHOSTUNREACH read "$P/vms/web3/.error"
has 'power is out' "$P/vms/.error"
has 'power is out' "$P/.error"
has 'power is out' "$P/errors"
"$INFRAFS" why "$P/vms/web3/status" | has 'power is out'
inject outage no
within 10 reads "$P/status" up
within 10 test -s "$P/vms/web1/status"
