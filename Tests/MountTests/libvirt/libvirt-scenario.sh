# A user's day on a host: from an image on a web server to a restore from a tar; virsh agrees, and nothing is left over.
# Limit: 600 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab
what_is_there() {
    for command in "list --all --name" "net-list --all --name" "pool-list --all --name" "vol-list default"; do
        # shellcheck disable=SC2086
        virsh $command | sed '/^ *$/d' | sort
    done
}
before=$(what_is_there)
at_end "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-destroy daynet; command virsh -q -c '$INFRAFS_TEST_LIBVIRT' net-undefine daynet"
at_end "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' pool-destroy daypool; command virsh -q -c '$INFRAFS_TEST_LIBVIRT' pool-undefine daypool"
at_end "command virsh -q -c '$INFRAFS_TEST_LIBVIRT' vol-delete day.qcow2 default > /dev/null 2>&1"

# Morning: an image from a web server, a network, a pool.
mkdir www
gzip -1 -c "$INFRAFS_TEST_LIBVIRT_DIR/pool/guest.qcow2" > www/day.qcow2.gz
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory www 0 > served 2> requests &
server=$!
at_end "kill $server"
within 10 grep -q port served
mkdir "$P/drafts/images/day.qcow2"
echo "http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' served)/day.qcow2.gz" > "$P/drafts/images/day.qcow2/url"
echo "sha256:$(sha256sum www/day.qcow2.gz | cut -d ' ' -f 1)" > "$P/drafts/images/day.qcow2/checksum"
mv "$P/drafts/images/day.qcow2" "$P/images/day.qcow2"
within 60 test -d "$P/images/day.qcow2"
is "$(cat "$P/images/day.qcow2/format")" qcow2
mkdir "$P/drafts/networks/daynet"
echo 192.168.215.0/24 > "$P/drafts/networks/daynet/cidr"
echo day.example > "$P/drafts/networks/daynet/domain"
mv "$P/drafts/networks/daynet" "$P/networks/daynet"
mkdir "$P/drafts/pools/daypool"
echo "$T/daypool" > "$P/drafts/pools/daypool/path"
mv "$P/drafts/pools/daypool" "$P/pools/daypool"
is "$(virsh net-list --name | grep -c daynet) $(virsh pool-list --name | grep -c daypool)" "1 1"

# Three machines, each from one draft, told by cloud-init who they are.
for number in 1 2 3; do
    draft=$P/drafts/vms/day$number
    mkdir -p "$draft/disks/vda" "$draft/nics/eth0"
    echo day.qcow2 > "$draft/image"
    echo 192 > "$draft/memory"
    echo 1 > "$draft/cpus"
    echo daypool > "$draft/pool"
    echo 1 > "$draft/disks/vda/size"
    echo daynet > "$draft/nics/eth0/network"
    echo "number $number" > "$draft/description"
    echo day > "$draft/plan"
    echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here' > "$draft/keys"
    mv "$draft" "$P/vms/day$number"
done
for number in 1 2 3; do within 120 grep -q '^192\.168\.215\.' "$P/vms/day$number/ip"; done
virsh net-dhcp-leases daynet | has "$(cat "$P/vms/day1/ip")/24 *day1 "
is "$(cat "$P"/vms/day?/status | paste -sd ' ')" "up up up"
is "$(sort "$P/networks/daynet/ports" | paste -sd ' ')" "day1 day2 day3"

# Noon: a snapshot of a running machine, a mishap, and back.
vm=$P/vms/day1
# asks COMMAND ANSWER: on the serial line.
asks() {
    exec 5<> "$vm/.serial"
    echo "$1" >&5
    timeout 60 grep -am 1 "^$2" <&5 | has "$2"
    exec 5>&-
}
asks "hostname fine; echo \$((20 + 1))-\$(hostname)" 21-fine
# What it boots from.
boot='dd if=/dev/vda bs=64k count=16 2> /dev/null | md5sum | cut -c 1-8'
qemu-img dd -f qcow2 -O raw if="$(virsh vol-path day.qcow2 default)" of=start bs=64k count=16
start=$(md5sum < start | cut -c 1-8)
asks "echo \$((20 + 2))-\$($boot)" "22-$start"
mkdir "$vm/snapshots/good"
asks "hostname broken; yes broken | dd of=/dev/vda bs=64k count=16 conv=fsync iflag=fullblock 2> /dev/null; echo \$((20 + 3))-\$(hostname)" 23-broken
asks "echo 3 > /proc/sys/vm/drop_caches; $boot | grep -q $start || echo \$((20 + 4))-lost" 24-lost
echo good > "$vm/revert"
within 30 reads "$vm/status" up
asks "echo \$((20 + 5))-\$(hostname)" 25-fine
asks "echo 3 > /proc/sys/vm/drop_caches; echo \$((20 + 6))-\$($boot)" "26-$start"
is "$(virsh snapshot-list day1 --name | sed '/^$/d')" good
is "$(cat "$vm/snapshots/good/current")" yes
rmdir "$vm/snapshots/good"

# Afternoon: more disk and another interface for a machine that runs, a copy and an image of one that rests.
vm=$P/vms/day2
echo 2 > "$vm/disks/vda/size"
virsh domblkinfo day2 vda | has '^Capacity: *2147483648'
asks "echo \$((20 + 1))-\$(cat /sys/block/vda/size)" "21-$((2 << 21))"
mkdir "$vm/nics/eth1"
within 90 grep -q '^192\.168\.213\.' "$vm/nics/eth1/ip"
is "$(virsh domiflist day2 | grep -c network)" 2
echo shutdown > "$P/vms/day3/status"
timeout 60 cat "$P/vms/day3/.wait/down" > /dev/null
echo "day4 full start" > "$P/vms/day3/clone"
within 90 reads "$P/vms/day4/status" up
echo day-gold > "$P/vms/day3/export"
within 90 test -d "$P/images/day-gold"
qemu-img compare "$(cat "$P/vms/day3/disks/vda/path")" "$(virsh vol-path day-gold --pool "$(cat "$P/images/day-gold/pool")")"

# Evening: the configuration into a tar, a disk and the image into files.
tar -C "$P" -cf config.tar vms/day1 vms/day2 vms/day3 networks/daynet pools/daypool
cp --sparse=always "$P/vms/day3/disks/vda/data" day3.disk
cmp day3.disk "$(cat "$P/vms/day3/disks/vda/path")"
cp --sparse=always "$P/images/day.qcow2/data" day.image
facts() {
    (cd "$P/vms/$1" && cat memory cpus plan description image iso nics/*/{mac,network,model} disks/vda/{size,format,bus,pool} metadata/plan)
}
places() { (cd "$P" && cat networks/daynet/{cidr,domain,mode,dhcp,dhcp_range,gateway,autostart} pools/daypool/{type,path,autostart}); }
for number in 1 2 3; do facts "day$number" > "facts$number"; done
places > places
within 120 grep -q '^192\.168\.215\.' "$P/vms/day4/ip"
differs "$(cat "$P/vms/day4/nics/eth0/mac")" "$(cat "$P/vms/day3/nics/eth0/mac")"

# All is lost.
for name in day1 day2 day4; do echo down > "$P/vms/$name/status"; done
rm -r "$P"/vms/day?
rmdir "$P/images/day-gold"
is "$(virsh vol-list daypool | sed '/^ *$/d')" ""
rmdir "$P/networks/daynet" "$P/pools/daypool" "$P/images/day.qcow2"
is "$(what_is_there)" "$before"
rmdir "$T/daypool"

# And is back.
tar -C "$P/drafts" -xf config.tar
mkdir "$P/images/day.qcow2"
cp day.image "$P/images/day.qcow2/data"
mv "$P/drafts/networks/daynet" "$P/networks/daynet"
mv "$P/drafts/pools/daypool" "$P/pools/daypool"
places > now
diff places now
for number in 1 2 3; do
    mv "$P/drafts/vms/day$number" "$P/vms/day$number"
    facts "day$number" > now
    diff "facts$number" now
done
is "$(cat "$P"/vms/day?/status | paste -sd ' ')" "up up down"
is "$(virsh domiflist day2 | grep -c network)" 2
cp day3.disk "$P/vms/day3/disks/vda/data"
cmp day3.disk "$(virsh vol-path day3_0.img daypool)"
echo up > "$P/vms/day3/status"
for number in 1 2 3; do within 120 grep -q '^192\.168\.215\.' "$P/vms/day$number/ip"; done
is "$(virsh list --name | sed '/^$/d' | sort | paste -sd ' ')" "day1 day2 day3"
virsh net-dhcp-leases daynet | has "$(cat "$P/vms/day3/nics/eth0/mac").*$(cat "$P/vms/day3/ip")/24"

# The end of the day.
for number in 1 2 3; do echo down > "$P/vms/day$number/status"; done
rm -r "$P"/vms/day?
rmdir "$P/networks/daynet" "$P/pools/daypool" "$P/images/day.qcow2"
is "$(what_is_there)" "$before"
is "$(find "$P/drafts" -mindepth 2 | wc -l) $(ls "$INFRAFS_TEST_LIBVIRT_DIR/pool" | grep -c day || true)" "0 0"
rmdir "$T/daypool"
