# examples/rehearse-outage makes a simulated provider fail while a command runs, and heals it however that ends.
source "$LIB/case.sh"
mount_demo
allow_errors 'EHOSTUNREACH|EBUSY|EINVAL'
rehearse=$ROOT/examples/rehearse-outage
"$rehearse" "$P" true
status=0
"$rehearse" --fault='outage=yes the cable is cut' "$P" bash -c "cat '$P/status'; ls '$P/vms'; exit 7" > out 2> message || status=$?
is $status 7
grep -q '^down: .*the cable is cut$' out
grep -q 'No route to host' message
is "$(cat "$P/status")" up
is "$(cat "$P/vms/web1/status")" up

status=0
"$rehearse" --fault='error=vm.stop busy' "$P" "$LIB/fsop" write "$P/vms/web1/status" down > out || status=$?
is "$status $(cat out)" '0 EBUSY'
is "$(cat "$P/.inject/error")" ''

# It heals when it is ended by a signal too.
"$rehearse" "$P" sleep 30 &
pid=$!
within 5 grep -q down "$P/status"
pkill -TERM -P $pid sleep
wait $pid || true
is "$(cat "$P/status")" up

refuses "$rehearse" --fault=nosuch "$P" true 2> message
grep -q "there is no fault 'nosuch': there are calls, error" message
refuses "$rehearse" --fault=hang=bogus "$P" true 2> message
grep -q "'bogus' is no operation" message
refuses "$rehearse" "$T" true 2> message
grep -q 'is not simulated' message
