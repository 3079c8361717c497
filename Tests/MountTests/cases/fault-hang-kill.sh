# Whatever a process asks of a hung provider, SIGKILL and SIGINT end it: none is left in D state (X5).
# Limit: 180 s
source "$LIB/case.sh"
mount_demo
in_d_state() { ps -eo stat=,args= | awk -v m="$M" '$1 ~ /^D/ && index($0, m)'; }
is_asked() { [ "$(calls "$1")" -ge 1 ]; }
# ends CALL OPERATION...: it is in the middle of that call, and a signal ends it within a second.
ends() {
    local call=$1 signal waiting
    shift
    for signal in KILL INT; do
        ls "$P/vms" "$P/networks" "$P/buckets" "$P/buckets/box" > /dev/null
        cat "$P/vms/web3/info" "$P/security_groups/web/rules" "$P/buckets/box/object" > /dev/null
        inject hang "$call!"
        reset_calls
        if [ "$call" = vm.list ]; then echo x > "$P/refresh"; fi
        # A job of a script ignores SIGINT, unless it is told otherwise.
        env --default-signal=INT "$LIB/fsop" "$@" > said 2> /dev/null &
        waiting=$!
        within 20 is_asked "$call"
        sleep 0.2
        if is_gone "$waiting"; then fail "line ${BASH_LINENO[0]}: $* did not wait: $(cat said)"; fi
        kill -"$signal" "$waiting"
        within 1 is_gone "$waiting"
        wait "$waiting" || true
        is "$(in_d_state)" "" "$*"
        # The daemon goes on, for others at once and for this one as soon as the platform does.
        expect ok read "$M/.infrafs/version"
        inject hang
        within 10 expect ok list "$P/vms"
    done
}
mkdir "$P/buckets/box" "$P/drafts/vms/fresh"
echo text > "$P/buckets/box/object"
echo 2048 > "$P/drafts/vms/fresh/memory"
rules=$(cat "$P/security_groups/web/rules")
printf '%s\n' "$rules" | tail -n +2 > fewer

ends vm.list read "$P/vms/web1/info.json"
ends vm.list list "$P/vms"
ends vm.list stat "$P/vms/web1/memory"
ends vm.list getxattr "$P/vms/nothing" user.infrafs.error
ends vm.start write "$P/vms/web3/status" up
ends vm.memory write "$P/vms/web3/memory" 4096
ends vm.create mkdir "$P/vms/new"
ends vm.create rename "$P/drafts/vms/fresh" "$P/vms/fresh"
ends vm.delete rmdir "$P/vms/web3"
ends vm.rename rename "$P/vms/web3" "$P/vms/other"
ends vm.metadata unlink "$P/vms/web3/metadata/user"
ends vm.snapshot.create mkdir "$P/vms/web3/snapshots/s1"
# Applied when it is closed.
ends security_group.update put "$P/security_groups/web/rules" fewer
ends object.write put "$P/buckets/box/object" fewer
ends object.write put "$P/buckets/box/new" fewer
ends object.read getxattr "$P/buckets/box/object" user.infrafs.url
ends object.delete unlink "$P/buckets/box/object"
ends object.copy rename "$P/buckets/box/object" "$P/buckets/box/other"
ends object.write truncate "$P/buckets/box/object" 2

# Nothing of it was done.
within 10 reads "$P/vms/web3/name" web3
is "$(cat "$P/vms/web3/status")" down
is "$(cat "$P/security_groups/web/rules")" "$rules"
is "$(ls "$P/buckets/box")" object
is "$(cat "$P/buckets/box/object")" text
is "$(cat "$P/drafts/vms/fresh/memory")" 2048
is "$(ls "$P/vms" | wc -l)" 12

# Many who wait for one listing, at once.
inject hang '*'
echo x > "$P/refresh"
for _ in 1 2 3 4 5 6 7 8; do
    cat "$P/vms/web1/info.json" > /dev/null 2>&1 &
    readers+=($!)
done
sleep 0.4
for reader in "${readers[@]}"; do kill -KILL "$reader" 2> /dev/null || true; done
for reader in "${readers[@]}"; do within 1 is_gone "$reader"; wait "$reader" 2> /dev/null || true; done
is "$(in_d_state)" ""
inject hang
within 10 has web1 "$P/vms/web1/name"
