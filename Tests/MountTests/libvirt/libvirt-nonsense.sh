# Half answers, answers that make no sense and late ones, from libvirt: each operation fails with its errno or is whole,
# content is never short without a word, what cannot be understood is never written back, and the mount reconnects.
# Limit: 300 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
source "$LIB/gate.sh"
mount_gated "demo: {type: fake}"
pool=$INFRAFS_TEST_LIBVIRT_DIR/pool
cat > "$T/nonsense1.xml" <<'X'
<domain type='qemu'><name>nonsense1</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os><metadata><other:thing xmlns:other='urn:other'>kept</other:thing></metadata>
<devices><interface type='network'><source network='default'/></interface><serial type='pty'/></devices></domain>
X
virsh define "$T/nonsense1.xml" > /dev/null
head -c 8388608 /dev/urandom > "$T/content"
head -c 8388608 /dev/urandom > "$T/other"
cp "$T/content" "$pool/nonsense.raw"
virsh pool-refresh default
vm=$P/vms/nonsense1 image=$P/images/nonsense.raw
within 10 test -d "$vm" -a -d "$image"
touch "$T/control.log"
definition() { virsh dumpxml nonsense1 --inactive | grep -v '<title>'; }

# again: what was ordered was done, nobody else noticed, and all is well after it.
again() {
    within 10 was_hit
    order open
    is "$(cat "$M/demo/vms/web1/name")" web1
    kill -0 "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/libvirtd.pid")" 2> /dev/null ||
        { echo "libvirtd ended by itself" >&2; "$ROOT/Tests/libvirt/daemon" resume "$INFRAFS_TEST_LIBVIRT_DIR"; }
    within 60 is_up
    # A list that can be decoded is believed, until it is asked for again.
    case $1 in "nonsense (text) in the answer to 344"*) echo 1 > "$P/refresh" ;; esac
    is "$(cat "$vm/name") $(ls "$P/vms")" "nonsense1 nonsense1"
    echo "$1: $got after $seconds s" >&2
}
hits() { grep -cE '^(cut|garbled)' "$T/control.log" || true; }
was_hit() { [ "$(hits)" -gt "$done" ]; }
# hit ORDER OPERATION...: one operation under an order; its answer is `got`.
hit() {
    local begin=$SECONDS order=$1
    shift
    done=$(hits)
    # shellcheck disable=SC2086
    order $order
    # What is known of libvirt is asked for anew: all, or this machine.
    case $1 in
    list) echo 1 > "$P/refresh" ;;
    read) virsh desc nonsense1 --config --title "title $done" > /dev/null ;;
    esac
    got=$(fsop "$@")
    seconds=$((SECONDS - begin))
    at_most "$seconds" 40 "$*"
}
description() { definition | sed -n 's/^ *<description>\(.*\)<.*/\1/p'; }

# The procedures of libvirt's remote_protocol.x: statistics of all domains 344, a domain's XML 14, its metadata 265 and
# setting them 264, attaching a device 160, download 209, upload 208.
before=$(definition)
for bytes in 2 20 30; do
    for one in "344 list $P/vms" "14 read $vm/info"; do
        # shellcheck disable=SC2086
        hit "half ${one%% *} $bytes" ${one#* }
        # What is asked once more may have its answer by another connection.
        matches "$got" '^(EHOSTUNREACH|ok)$'
        again "$bytes bytes of the answer to ${one%% *}"
    done
    # libvirt did it, and nobody heard: what the tree says is what libvirt says.
    hit "half 264 $bytes" write "$vm/description" "half $bytes"
    is "$got" EHOSTUNREACH
    again "$bytes bytes of the answer to a description"
    is "$(cat "$vm/description")" "half $bytes"
    is "$(description)" "half $bytes"
    hit "half 160 $bytes" mkdir "$vm/nics/eth1"
    is "$got" EHOSTUNREACH
    again "$bytes bytes of the answer to another NIC"
    is "$(ls "$vm/nics" | paste -sd ' ') $(xml nonsense1 devices/interface type | wc -l)" "eth0 eth1 2"
    rmdir "$vm/nics/eth1"
done
virsh desc nonsense1 "" --config > /dev/null
within 5 reads "$vm/description" ""
before=$(definition)

# Nonsense: what fails says so, and is never the ground for a change.
for part in length serial body text; do
    case $part in length | serial) want='^(EHOSTUNREACH|ok)$' ;; *) want='^(EIO|ok)$' ;; esac
    for one in "344 list $P/vms" "14 read $vm/info" "14 write $vm/memory 192" "14 write $vm/add_nic default" \
        "265 write-new $vm/metadata/key value" "14 mkdir $vm/disks/vda"; do
        # shellcheck disable=SC2086
        hit "garble ${one%% *} $part" ${one#* }
        matches "$got" "$want"
        again "nonsense ($part) in the answer to $one"
        # Where the change had been made by then, it is undone here; what the answer told of it is asked for again.
        if [ "$got" = ok ]; then
            echo 1 > "$P/refresh"
            case $one in
            *"/memory 192") echo 128 > "$vm/memory" ;;
            *"/add_nic default") rmdir "$vm/nics/eth1" ;;
            *"/key value") rm "$vm/metadata/key" ;;
            *"/disks/vda") rm -r "$vm/disks/vda" ;;
            esac
        fi
        diff <(echo "$before") <(definition)
    done
done

# Content that is cut in the middle of a message is never short without a word, and comes again.
hit "stream 209 300000" read "$image/data"
is "$got" EHOSTUNREACH
again "a download, cut"
done=$(hits) got=
order stream 209 300000
if cp "$image/data" "$T/copy"; then fail "a copy that was cut succeeded"; fi
again "a copy, cut"
cp "$image/data" "$T/copy"
cmp "$T/copy" "$T/content"
hit "stream 208 300000" write-file "$image/data" "$T/other"
is "$got" EHOSTUNREACH
again "an upload, cut"
is "$(fsop write-file "$image/data" "$T/other")" ok
cmp "$pool/nonsense.raw" "$T/other"

# An upload that cannot be begun is told to the writer, also where another asked for what was written to be stored.
done=$(hits) got=
python3 - "$image/data" "$T/control" <<'Y' > "$T/told"
import errno, os, sys
writer = os.open(sys.argv[1], os.O_WRONLY)
with open(sys.argv[2] + ".new", "w") as file:
    # The volume, looked up by its key.
    file.write("garble 96 body")
os.rename(sys.argv[2] + ".new", sys.argv[2])
os.write(writer, b"x" * 1000)
if os.fork() == 0:
    os._exit(0)
os.wait()
os.unlink(sys.argv[2])
for attempt in ("fsync", "close"):
    try:
        getattr(os, attempt)(writer)
        print(attempt, "ok")
    except OSError as error:
        print(attempt, errno.errorcode[error.errno])
Y
order open
again "an upload that cannot be begun"
is "$(paste -sd ' ' "$T/told")" "fsync EIO close EIO"
cmp "$pool/nonsense.raw" "$T/other"

# The serial line ends with an error, not as if the machine had ended it.
virsh start nonsense1 > /dev/null
within 10 reads "$vm/status" up
fsop read "$vm/.serial" > "$T/line" &
reader=$!
within 20 grep -q '^request 201' "$T/control.log"
done=$(hits)
order drop
within 30 is_gone "$reader"
is "$(cat "$T/line")" EHOSTUNREACH
again "the serial line"
virsh destroy nonsense1 > /dev/null
within 10 reads "$vm/status" down

# Late answers: all works.
order delay 300
echo "late words" > "$vm/description"
is "$(cat "$vm/description") $(description)" "late words late words"
mkdir "$vm/nics/eth1"
is "$(ls "$vm/nics" | paste -sd ' ')" "eth0 eth1"
rmdir "$vm/nics/eth1"
cmp "$image/data" "$T/other"
[ "$(grep -c '^held' "$T/control.log")" -gt 20 ] || fail "nothing was held"
order open
is "$(cat "$vm/description") $(ls "$vm/nics")" "late words eth0"
