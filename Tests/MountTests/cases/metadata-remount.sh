# After a remount of an unchanged fleet rsync and tar's incremental dump find nothing to do; what has changed they find.
# Limit: 180 s
source "$LIB/case.sh"
# The events of one mount are not those of the next.
excluded=(--exclude=data --exclude=events)
times() { find "$P" ! -name events ! -path '*/data' -printf '%p %T@\n' | sort; }
# incremental NUMBER: the names of the files in the next dump.
incremental() {
    tar -C "$M" "${excluded[@]}" --no-check-device --listed-incremental=s -cf "$1.tar" demo 2> warnings
    is "$(cat warnings)" ""
    tar -tf "$1.tar" | grep -v '/$' || true
}
mount_demo
echo 4 > "$P/vms/web3/cpus"
rsync -a "${excluded[@]}" "$P/" mirror/
# A change within the second of the dump counts as newer.
sleep 1.1
incremental 1 > first
times > before
unmount

mount_demo
# The simulated fleet begins anew: that machine has another size again.
within 5 test -e "$P/vms/web3/cpus"
times > after
rsync -ai "${excluded[@]}" "$P/" mirror/ > copied
is "$(grep '^>' copied | grep -cv /web3/ || true)" 0
has 'vms/web3/cpus' < copied
incremental 2 > second
refuses grep -v /web3/ second
has 'vms/web3/cpus' < second
is "$(diff before after | grep '^[<>]' | grep -cv '/web3[ /]' || true)" 0

# Unchanged now.
sleep 1.1
incremental 3 > third
unmount
mount_demo
is "$(rsync -ai "${excluded[@]}" "$P/" mirror/)" ""
incremental 4 > fourth
is "$(cat fourth)" ""

# The same after kill -9.
within 10 test -s "$XDG_STATE_HOME/infrafs/demo/times"
kill_daemon
mount_demo
is "$(rsync -ai "${excluded[@]}" "$P/" mirror/)" ""

# A change is told of after kill -9, too: what was written down of it is struck out at once.
echo 8 > "$P/vms/web2/cpus"
changed=$(stat -c %Y "$P/vms/web2/cpus")
kill_daemon
sleep 1
mount_demo
[ "$(stat -c %Y "$P/vms/web2/cpus")" -ge "$changed" ] || fail "an old time for content that had changed"

# Rubbish begins anew, and says so.
unmount
head -c 3000 /dev/urandom > "$XDG_STATE_HOME/infrafs/demo/times"
mount_demo
is "$(cat "$P/vms/web1/name")" web1
grep -q 'times begin anew' "$LOG"
