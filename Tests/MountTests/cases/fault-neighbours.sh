# Whatever is wrong with one provider, those beside it are as fast as without it: measured in the same run.
# Limit: 180 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 500ms}
  near: {type: fake, vms: 20}
Y
cat > measure.py <<'P'
import os, statistics, sys, time
# Rounds of a listing that is asked for anew, a read of each status, a look at an overview and a write; in milliseconds.
near, what = sys.argv[1:]
took = []
for turn in range(12):
    start = time.monotonic()
    with open(near + "/refresh", "w") as file: file.write("x\n")
    names = os.listdir(near + "/vms")
    assert len(names) == 20, names
    for name in names:
        with open(near + "/vms/" + name + "/status") as file: assert file.read() in ("up\n", "down\n", "suspended\n")
    with open(near + "/overview") as file: assert len(file.readlines()) == 21
    text = "%s %d" % (what, turn)
    with open(near + "/vms/" + names[0] + "/description", "w") as file: file.write(text + "\n")
    with open(near + "/vms/" + names[0] + "/description") as file: assert file.read() == text + "\n"
    took.append((time.monotonic() - start) * 1000)
    time.sleep(0.02)
print(round(statistics.median(took)), round(max(took)))
P
# Those who go on asking and changing the one, whatever they are told.
busy() {
    local turn=0
    while [ -e busy ]; do
        turn=$((turn + 1))
        {
            echo x > "$P/refresh"
            ls -l "$P/vms"
            cat "$P/vms/web1/info" "$P/overview" "$P/buckets/assets/index.html"
            echo "$1 $turn" > "$P/vms/web3/description"
        } > /dev/null 2>&1 || true
        sleep 0.05
    done
}
touch busy
for number in 1 2 3 4; do busy $number & workers+=($!); done
at_end 'rm -f "$T/busy"; kill "${workers[@]}" 2> /dev/null'
sleep 0.5
read -r usual worst < <(python3 measure.py "$M/near" healthy)
echo "healthy: median $usual ms, at most $worst ms"
bound=$((usual * 10 > 500 ? usual * 10 : 500))
limit=$((worst * 10 > 2000 ? worst * 10 : 2000))
compare() {
    local median most
    sleep 0.3
    read -r median most < <(python3 measure.py "$M/near" "$1")
    echo "$1: median $median ms, at most $most ms"
    at_most "$median" $bound "$1"
    at_most "$most" $limit "$1"
}
inject throttle 1/s
compare "throttled to one call a second"
inject throttle 0/s
compare "throttled for ever"
inject throttle
inject garbage '* reply'
compare "listings that make no sense"
inject garbage 'vms web2'
compare "an odd entry"
inject garbage
inject error 'vm.list failed 99999 the answer ends in the middle'
compare "half an answer"
inject error
inject outage "yes the power is out"
compare "an outage"
inject outage no
(turn=0; while [ -e busy ]; do
    turn=$((turn + 1))
    inject outside "vm.create lie$turn"
    inject outside "memory web1 $((1000 + turn % 1000))"
    inject outside "vm.delete lie$turn"
done) 2> /dev/null &
workers+=($!)
compare "a different answer each time"
inject latency '* 2000ms'
compare "two seconds for each call"
inject latency
inject hang '*'
compare "no answer at all"
rm busy
inject hang
wait "${workers[@]}"
within 10 expect ok list "$P/vms"
# Each fault was met.
for reason in 'asks to slow down' 'makes no sense' 'ends in the middle' 'power is out' 'no answer within 0.5 s'; do
    grep 'request failed' "$LOG" | has "$reason"
done
