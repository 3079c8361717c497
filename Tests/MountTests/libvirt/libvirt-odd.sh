# Machines with oddities: all are listed, each error is precise, and no change of one drops what it does not understand.
# Limit: 180 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
mount_lab
define() { virsh define "$1" > /dev/null; }
long=$(printf 'n%.0s' $(seq 200))

cat > "$T/odd1.xml" <<X
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>odd1</name><title>a title</title>
  <metadata>
    <kvirt:info xmlns:kvirt="kvirt"><kvirt:plan>p1</kvirt:plan><kvirt:nested><kvirt:deep a="1"/></kvirt:nested></kvirt:info>
    <theirs:thing xmlns:theirs='urn:theirs'><theirs:part id='7'>5 &lt; 6 &amp; &quot;so&quot;</theirs:part></theirs:thing>
  </metadata>
  <memory unit='MiB'>256</memory><vcpu placement='static' cpuset='0' current='1'>4</vcpu>
  <cputune><shares>300</shares></cputune>
  <os><type arch='x86_64'>hvm</type><boot dev='network'/></os>
  <features><acpi/><hyperv mode='custom'><relaxed state='on'/></hyperv></features>
  <clock offset='variable' adjustment='60'><timer name='rtc' tickpolicy='catchup'/></clock>
  <seclabel type='none'/>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' io='native'/>
      <source file='$pool/never-was.qcow2'/><target dev='vda' bus='virtio'/><serial>S1</serial>
      <iotune><total_iops_sec>100</total_iops_sec></iotune></disk>
    <disk type='network' device='disk'><driver name='qemu' type='raw'/>
      <source protocol='rbd' name='pool/image'><host name='192.0.2.1' port='6789'/></source>
      <target dev='vdb' bus='virtio'/></disk>
    <controller type='usb' model='qemu-xhci'/>
    <interface type='network'><source network='default'/><model type='virtio'/>
      <bandwidth><inbound average='128'/></bandwidth><mtu size='1400'/></interface>
    <interface type='user'><model type='e1000'/></interface>
    <hostdev mode='subsystem' type='usb'><source startupPolicy='optional'>
      <vendor id='0x1234'/><product id='0xabcd'/></source></hostdev>
    <graphics type='vnc' port='-1' passwd='secret1'/>
    <watchdog model='i6300esb' action='poweroff'/>
  </devices>
  <qemu:commandline><qemu:arg value='-name'/><qemu:arg value='odd1'/></qemu:commandline>
</domain>
X
cat > "$T/bare.xml" <<'X'
<domain type='qemu'><name>bare</name><memory unit='KiB'>65536</memory><os><type arch='x86_64'>hvm</type></os></domain>
X
sed "s/bare/$long/" "$T/bare.xml" > "$T/long.xml"
sed 's/bare/a b%c — ü/' "$T/bare.xml" > "$T/text.xml"
sed 's/bare/fleeting/' "$T/bare.xml" > "$T/transient.xml"
for name in odd1 bare long text; do define "$T/$name.xml"; done
virsh create "$T/transient.xml" > /dev/null
within 20 test -d "$P/vms/fleeting"

is "$(ls "$P/vms" | wc -l)" 5
ls -l "$P/vms" > /dev/null
is "$(cat "$P"/vms/*/status | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd,)" "4 down,1 up"
for vm in "$P"/vms/*; do cat "$vm/info" > /dev/null; done
is "$(ls "$P/vms/bare/disks" "$P/vms/bare/nics" | grep -cv '^$\|:$' || true)" 0
is "$(cat "$P/vms/$long/status") $(cat "$P/vms/a b%25c — ü/status")" "down down"
is "$(cat "$P/vms/odd1/disks/vda/path") $(cat "$P/vms/odd1/disks/vda/size")" "$pool/never-was.qcow2 "
is "$(cat "$P/vms/odd1/nics/eth1/type")" user
refuses grep -r secret1 "$P/vms/odd1" "$P/errors"

# changes NAME COMMAND...: the definition differs by what is named, and by nothing else.
named=odd1
definition() { virsh dumpxml "$named" --inactive --security-info | sed '/^ *$/d'; }
changes() {
    local pattern=$1 before after
    shift
    before=$(definition)
    "$@"
    after=$(definition)
    differs "$before" "$after" "$*"
    if diff <(echo "$before") <(echo "$after") | grep '^[<>]' | grep -vE "$pattern" > "$T/stray"; then
        cat "$T/stray" >&2
        fail "$* changed more than it should"
    fi
}
put() { echo "$2" > "$1"; }
v=$P/vms/odd1
changes 'emory' put "$v/memory" 320
changes 'vcpu' put "$v/cpus" 2
changes 'description' put "$v/description" 'said <here> & there'
changes 'kvirt:|kvirt' put "$v/plan" p2
changes 'kvirt:|kvirt' put "$v/metadata/team" blue
changes "interface|mac |source network|model|address|^. *</interface>" put "$v/add_nic" default
changes 'model' put "$v/nics/eth2/model" e1000
changes 'mac ' put "$v/nics/eth2/mac" 52:54:00:0d:d1:02
changes "interface|mac |source network|model|address" rmdir "$v/nics/eth2"
changes 'disk|driver|source|target|address|infrafs|metadata' mkdir "$v/disks/vdc"
changes 'disk|driver|source|target|address|infrafs|metadata' rmdir "$v/disks/vdc"
definition > "$T/before"
mv "$v" "$P/vms/odd2"
named=odd2
is "$(diff "$T/before" <(definition) | grep -c '^[<>]' || true)" 2 'a new name'
definition | has 'kvirt:nested'
definition | has "theirs:part id=.7."
definition | has "passwd='secret1'"
definition | has 'qemu:commandline'
v=$P/vms/odd2

# What cannot be says why.
differs "$(fsop mkdir "$v/snapshots/s1")" ok
tail -n 1 "$P/errors" | has rbd
matches "$(fsop write "$v/status" up)" '^E(NOENT|IO|OPNOTSUPP|BUSY|INVAL)$'
tail -n 1 "$P/errors" | has 'never-was\|rbd\|USB\|usb'

# A transient machine has no definition: what would need one is refused, what runs can change.
f=$P/vms/fleeting
echo 'for now' > "$f/description"
is "$(cat "$f/description")" 'for now'
matches "$(fsop write "$f/autostart" yes)" '^E(OPNOTSUPP|BUSY)$'
echo down > "$f/status"
within 20 refuses test -e "$f"

# The identity of one that is gone is free for another: it is another machine.
id=$(cat "$P/vms/bare/id")
virsh undefine bare > /dev/null
within 20 refuses test -e "$P/vms/bare"
sed "s/bare/again/; s/<memory/<uuid>$id<\/uuid><memory/" "$T/bare.xml" > "$T/again.xml"
define "$T/again.xml"
within 20 test -d "$P/vms/again"
is "$(cat "$P/vms/again/id")" "$id"

# Two writers at once, through two mounts and virsh: each change is whole, and none is lost.
M2=$WORK/mnt2
mkdir "$M2"
"$INFRAFS" mount -f --log-file "$WORK/log2" "$M2" > /dev/null 2>&1 < /dev/null &
second=$!
at_end "umount '$M2'; wait $second"
within 20 test -d "$M2/lab/vms/again"
# writes MOUNT LETTER: fifteen keys, by a tool that tells of a failure.
writes() {
    local n
    for n in $(seq 1 15); do
        echo "$2$n" | /usr/bin/tee "$1/lab/vms/again/metadata/$2$n" > /dev/null || echo "$2$n" >> "$T/refused"
    done
}
writes "$M" a &
one=$!
writes "$M2" b &
two=$!
for n in $(seq 1 15); do virsh desc again --config --title "title $n" > /dev/null; done
wait "$one" "$two"
refuses test -e "$T/refused"
is "$(virsh dumpxml again | grep -o '<kvirt:[ab][0-9]' | wc -l)" 30
virsh dumpxml again | has '<title>title 15</title>'
for mount in "$M" "$M2"; do
    within 6 bash -c "[ \$(cat '$mount'/lab/vms/again/metadata/[ab]* | wc -l) = 30 ]"
    is "$(sort "$mount"/lab/vms/again/metadata/[ab]*)" "$(printf '%s\n' {a,b}{1..15} | sort)"
done
# So is each change of another kind: one that writes the whole definition undoes none that was made meanwhile.
echo default > "$M/lab/vms/again/add_nic"
for mount in "$M" "$M2"; do within 20 test -d "$mount/lab/vms/again/nics/eth0"; done
# changed FILE PATH [ATTRIBUTE]: that file of the machine is written over and over with values of one writer, each of which
# the definition has at once. A value is the word that `value` makes of a number.
changed() {
    local n want file=$1
    shift
    for n in $(seq 10 35); do
        want=$(value "$file" "$n")
        echo "$want" | /usr/bin/tee "$file" > /dev/null || echo "$file $want" >> "$T/refused"
        [ "$(xml again "$@" | sed -n 1p)" = "$(kept "$file" "$want")" ] || echo "$file $want" >> "$T/lost"
    done
}
value() {
    case $1 in
    */mac) echo "52:54:00:0d:d2:$2" ;;
    */memory) echo $((100 + $2)) ;;
    *) echo "the number is $2" ;;
    esac
}
kept() { case $1 in */memory) echo $(($2 * 1024)) ;; *) echo "$2" ;; esac }
writing=()
changed "$M2/lab/vms/again/nics/eth0/mac" devices/interface/mac address &
writing+=($!)
changed "$M/lab/vms/again/memory" currentMemory &
writing+=($!)
changed "$M/lab/vms/again/description" description &
writing+=($!)
for pid in "${writing[@]}"; do wait "$pid"; done
if [ -e "$T/lost" ]; then fail "acknowledged and lost: $(paste -sd , "$T/lost")"; fi
refuses test -e "$T/refused"

# One that died in its turn holds nobody up for long, and no turn stays.
cat > "$T/turn.xml" <<X
<secret ephemeral='yes' private='yes'><usage type='ceph'><name>infrafs changes $id</name></usage></secret>
X
virsh secret-define "$T/turn.xml" > /dev/null
/usr/bin/tee "$M/lab/vms/again/metadata/late" <<< late > /dev/null
virsh dumpxml again | has '<kvirt:late>late<'
# Others have secrets on this host too.
no_turns() { ! virsh secret-list | grep -F "$id"; }
within 20 no_turns
