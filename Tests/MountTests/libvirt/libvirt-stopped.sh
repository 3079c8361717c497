# A libvirtd that is stopped: nobody who waits for it is in D state, SIGKILL ends a reader within a second, the other
# providers of the mount (another libvirtd, libvirt's simulation, a fleet) answer as fast as before, and all is well after.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
allow_errors lab
second=$INFRAFS_TEST_LIBVIRT
own_libvirtd
mount_config <<Y
providers:
  lab: {type: kvm, url: "$INFRAFS_TEST_LIBVIRT", virttype: qemu}
  second: {type: kvm, url: "$second", virttype: qemu}
  simulated: {type: kvm, url: "test:///default"}
  demo: {type: fake}
Y
for name in lab second simulated; do within 10 reads "$M/$name/status" up; done
make_guest st1
vm=$P/vms/st1
libvirtd=$(cat "$INFRAFS_TEST_LIBVIRT_DIR/libvirtd.pid")

# median PROVIDER: milliseconds, of listings and reads for which the provider is asked anew, and of a change.
median() {
    local turn start
    for turn in $(seq 1 15); do
        start=$(milliseconds)
        echo 1 > "$M/$1/refresh"
        ls -l "$M/$1/vms" > /dev/null
        cat "$M/$1/networks/default/info" > /dev/null
        echo $(($(milliseconds) - start))
    done | sort -n | sed -n 8p
}
state_of_all() { ps -o stat= -p "$(IFS=,; echo "$*")"; }
threads() { cat /proc/"$DAEMON"/task/*/stat | sed 's/.*) //' | cut -d ' ' -f 1; }

declare -A calm
for name in second simulated demo; do calm[$name]=$(median $name); done

kill -STOP "$libvirtd"
at_end "kill -CONT $libvirtd 2> /dev/null"
echo 1 > "$P/refresh"
waiting=()
for turn in $(seq 1 12); do
    cat "$vm/info" > /dev/null 2>&1 &
    waiting+=($!)
    ls -l "$P/vms" > /dev/null 2>&1 &
    waiting+=($!)
    fsop write "$vm/description" "words $turn" > "answer$turn" &
    waiting+=($!)
done
sleep 1
victim=${waiting[0]}
is_gone "$victim" && fail "nobody waits"
refuses grep D <(state_of_all "${waiting[@]}")
refuses grep D <(threads)
begin=$(milliseconds)
kill -KILL "$victim"
within 10 is_gone "$victim"
at_most $(($(milliseconds) - begin)) 1000 "a reader that was killed"
wait "$victim" 2> /dev/null || true

# Meanwhile the others are as they were; a machine that is busy otherwise may be slower now by chance.
for name in second simulated demo; do
    now=$(median $name)
    echo "$name: $now ms, ${calm[$name]} ms before" >&2
    at_most "$now" $((calm[$name] * 4 + 150)) "$name waits for another"
done
is_gone "${waiting[1]}" && fail "the comparison came too late"

for pid in "${waiting[@]:1}"; do within 40 is_gone "$pid"; done
matches "$(sort -u answer*)" '^E(HOSTUNREACH|TIMEDOUT)$'
matches "$(fsop list "$P/vms")" '^E(HOSTUNREACH|TIMEDOUT)$'
within 20 grep -q '^down: ' "$P/status"
kill -CONT "$libvirtd"
within 30 reads "$P/status" up
within 10 reads "$vm/name" st1
# Of the writes that were refused one may have come through; what the tree says is what libvirt says.
is "$(cat "$vm/description")" "$(virsh desc st1)"
rmdir "$vm"
