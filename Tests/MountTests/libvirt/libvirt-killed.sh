# QEMU is killed, by itself and in the middle of each kind of operation on a machine that runs: it is down at once, in every
# file, the operation fails in time, and nothing half-made is left. So it is where qemu-img is killed over a copy.
# Limit: 240 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
mount_gated
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
qemu() { cat "$INFRAFS_TEST_LIBVIRT_DIR/run/qemu/k1.pid"; }
make_guest k1
vm=$P/vms/k1
# A machine that runs nothing is killed as well as one that does.
virsh start k1 > /dev/null
within 5 reads "$vm/status" up

# By itself: told by events, to whoever waits, and it ends the serial line.
timeout 60 cat "$vm/.wait/down" > waited &
waiter=$!
cat "$vm/.serial" > /dev/null &
reader=$!
tail -n 0 -F "$P/events" > told 2> /dev/null &
at_end "kill $!"
kill -KILL "$(qemu)"
within 10 reads "$vm/status" down
is "$(cat "$vm/raw_status") $(sed -n 's/^status: //p' "$vm/info") $(cat "$vm/console")" "shut off down "
domain_is k1 "shut off"
wait "$waiter"
is "$(cat waited)" down
within 20 is_gone "$reader"
within 10 grep -q '"name":"k1".*"detail":"stopped"' told
echo up > "$vm/status"
reads "$vm/status" up

count() { grep -c '^signal' "$T/control.log" || true; }
# What there is, as libvirt and the pool's directory say it.
inventory() {
    names list
    virsh snapshot-list k1 --name | sed '/^ *$/d'
    virsh dumpxml k1 --inactive
    ls "$pool"
}
# killed PROCEDURE CHECK OPERATION...: QEMU is killed once libvirtd has that request. CHECK is a command that finds the
# operation's effect, for one that was faster.
killed() {
    local procedure=$1 check=$2 before got signals seconds
    shift 2
    virsh start k1 > /dev/null 2>&1 || true
    within 10 reads "$vm/status" up
    within 10 reads "$P/status" up
    before=$(inventory)
    signals=$(count)
    order signal "$procedure" KILL "$(qemu)"
    seconds=$SECONDS
    got=$(fsop "$@")
    at_most $((SECONDS - seconds)) 20 "$* took too long"
    order open
    [ "$(count)" -gt "$signals" ] || fail "$*: QEMU was not killed; the answer was $got"
    matches "$got" '^(EIO|EBUSY|ok)$'
    within 10 reads "$vm/status" down
    domain_is k1 "shut off"
    if [ "$got" = ok ]; then eval "$check"; fi
    if ! eval "$check" > /dev/null 2>&1; then
        virsh pool-refresh default
        diff <(echo "$before") <(inventory)
    fi
    is "$(ls "$vm/snapshots")" "$(virsh snapshot-list k1 --name | sed '/^ *$/d')"
    is "$(ls "$vm/disks" | wc -l) $(ls "$vm/nics" | wc -l)" \
        "$(xml k1 devices/disk type | wc -l) $(xml k1 devices/interface type | wc -l)"
    echo "$*: $got" >&2
}
killed 185 'virsh snapshot-list k1 --name | has s1' mkdir "$vm/snapshots/s1"
mkdir "$P/drafts/snapshots/s2"
echo yes | tee "$P/drafts/snapshots/s2/external" > "$P/drafts/snapshots/s2/memory"
killed 185 'virsh snapshot-list k1 --name | has s2' rename "$P/drafts/snapshots/s2" "$vm/snapshots/s2"
killed 251 'virsh vol-info k1_0.img default | has 2.00' write "$vm/disks/vda/size" 2
qemu-img check -q "$pool/k1_0.img"
killed 160 'virsh domblklist k1 --inactive | has vdb' mkdir "$vm/disks/vdb"
killed 160 'virsh domiflist k1 --inactive | sed 1d | has default' mkdir "$vm/nics/eth1"
killed 204 'xml k1 currentMemory | has 204800' write "$vm/memory" 200
virsh start k1 > /dev/null
mkdir "$vm/snapshots/here"
# Going back begins another process: the machine may be up, or down, but no file says other than libvirt.
# What takes longer than a few seconds goes on as a job.
idle() { ! grep -qs running "$P"/jobs/*/status; }
agrees() { reads "$vm/raw_status" "$(state_of k1)"; }
order signal 192 KILL "$(qemu)"
matches "$(fsop write "$vm/revert" here)" '^(EIO|EBUSY|ok)$'
order open
within 60 idle
within 10 agrees
/bin/echo here > "$vm/revert"
within 60 idle
within 10 reads "$vm/status" up
domain_is k1 running
echo down > "$vm/status"

# libvirtd's qemu-img is killed by one in its place, once its copy has begun.
anchor=$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")
real=$(command -v qemu-img)
mkdir bin
cp "$real" bin/qemu-img
cat > deadly <<S
#!/bin/bash
for last; do :; done
[ "\$1" = convert ] || exec '$PWD/bin/qemu-img' "\$@"
'$PWD/bin/qemu-img' "\$@" &
until [ -s "\$last" ]; do kill -0 \$! || exit; done
kill -KILL \$! \$\$
S
chmod 755 deadly
nsenter -t "$anchor" --mount mount --bind "$PWD/deadly" "$real"
rmdir "$vm/snapshots/here"
/bin/echo 2 > "$vm/disks/vda/size"
qemu-io -c 'write -P 7 100M 200M' "$pool/k1_0.img" > /dev/null
before=$(inventory)
expect EIO write "$vm/clone" "k2 full"
expect EIO write "$vm/export" gold
is "$(inventory)" "$before"
is "$(ls "$P/vms" | paste -sd ' ') $(ls "$P/images" | grep -c gold || true)" "k1 0"
nsenter -t "$anchor" --mount umount "$real"
echo "k2 full" > "$vm/clone"
within 60 test -d "$P/vms/k2"
qemu-img compare "$pool/k1_0.img" "$pool/k2_0.img"
