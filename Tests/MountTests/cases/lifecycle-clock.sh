# A clock that jumps by hours makes no cache old, none eternal, and no storm of calls (L13).
source "$LIB/case.sh"
library=$(dpkg -L libfaketime | grep '/libfaketimeMT.so.1$')
echo +0 > offset
# The wall clock alone, as one that is set does: the other goes on. The library moves the environment when it is the first
# to be loaded, and the program could not find its arguments then: so `sh` is before it.
cat > shifted <<C
#!/bin/sh
exec env $INFRAFS "\$@"
C
chmod 755 shifted
export FAKETIME_TIMESTAMP_FILE=$T/offset FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
cat > launch <<C
#!/bin/sh
exec env LD_PRELOAD=$library $T/shifted "\$@"
C
chmod 755 launch
INFRAFS=$T/launch mount_config <<'C'
providers:
  demo: {type: fake, cache: 1s}
C
cat "$P"/vms/*/status > /dev/null
for shift in +1h:3600 -1h:-3600 +400d:34560000; do
    jump=${shift%:*}
    echo "$jump" > offset
    # Told of with the time that the clock says now.
    echo "$jump" > "$P/vms/web3/description"
    said=$(($(date +%s) + ${shift#*:}))
    at_most $((said - $(stat -c %Y "$P/vms/web3/description"))) 60 "$jump"
    at_most $(($(stat -c %Y "$P/vms/web3/description") - said)) 60 "$jump"
    # Others' changes are seen within the interval, as before.
    inject outside "memory web2 $((1024 + ${#jump} * 512))"
    within 5 reads "$P/vms/web2/memory" $((1024 + ${#jump} * 512))
    # And what no event tells of is asked for once an interval: not never, and not at every look.
    cat "$P/overview" > /dev/null
    reset_calls
    start=$(milliseconds)
    until [ $(($(milliseconds) - start)) -gt 1600 ]; do cat "$P/overview" "$P/vms/web1/info" > /dev/null; done
    [ "$(calls vm.list)" -ge 1 ] || fail "$jump: never asked for again"
    at_most "$(calls vm.list)" $((1 + ($(milliseconds) - start) / 1000)) "$jump"
done
unmount
