# Half an answer, a different answer each time, an odd entry: a listing is whole or an error, and neighbours are unaffected.
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 3s}
  near: {type: fake, vms: 5}
Y
ls "$P/vms" > whole
# Others come and go between any two answers; what stays is always there, and what is there has its facts.
(for turn in $(seq 60); do
    inject outside "vm.create lie$turn"
    inject outside "memory web1 $((1000 + turn))"
    echo x > "$P/refresh"
    inject outside "vm.delete lie$turn"
done) &
liar=$!
while ! is_gone $liar; do
    ls -U "$P/vms" > listing
    is "$(sort listing | comm -23 <(sort whole) -)" ""
    matches "$(cat "$P/vms/web1/memory")" '^[0-9]+$'
    at_most "$(time_of cat "$M"/near/vms/*/status)" 1000
done
wait $liar
# Every third answer is refused, and every entry of some is odd: the names are all there, or it is an error.
inject error 'vm.list failed 3 the answer ends in the middle'
inject garbage vms
echo x > "$P/refresh"
for _ in 1 2 3 4 5 6; do
    got=$(fsop list "$P/vms")
    matches "$got" '^(ok|EIO)$'
    if [ "$got" = ok ]; then is "$(ls "$P/vms" | wc -l)" 12; fi
    expect ok list "$M/near/vms"
    echo x > "$P/refresh" || true
done
grep -q 'the answer ends in the middle' "$P/errors"
inject garbage
inject error
echo x > "$P/refresh"
within 5 reads "$P/vms/web2/status" up
diff whole <(ls "$P/vms")
is "$(ps -eo stat=,args= | awk -v m="$M" '$1 ~ /^D/ && index($0, m)')" ""
