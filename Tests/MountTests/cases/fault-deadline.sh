# Every operation on a hung provider ends by its deadline with ETIMEDOUT, however many wait for it (X7).
# Limit: 180 s
source "$LIB/case.sh"
allow_errors never
mount_config <<'Y'
providers:
  demo: {type: fake, timeout: 2s}
Y
# check OPERATION...: begins it; `judge` ends when all have ended. Those of one directory are let in by the kernel one
# after the other, so that each group has at most one of them for each.
check() {
    {
        local start
        start=$(milliseconds)
        echo "$(fsop "$@") $(($(milliseconds) - start)) $*" >> answers
    } &
    waiting+=($!)
}
judge() {
    wait "${waiting[@]}"
    is "$(wc -l < answers)" ${#waiting[@]}
    local got took what
    while read -r got took what; do
        is "$got" "${1:-ETIMEDOUT}" "$what"
        at_most "$took" "${2:-7000}" "$what"
    done < answers
    waiting=()
    : > answers
}
waiting=()
: > answers
know() { ls -R "$P" > /dev/null; cat "$P"/{vms,networks,disks,pools}/*/info > /dev/null; }
objects() { cat "$P"/buckets/{one,two,three,five,six,seven,nine}/object; }
W=$P/vms/web3 N=$P/networks/office
mkdir "$W/snapshots/s1" "$P/drafts/networks/spare"
echo 10.78.0.0/24 > "$P/drafts/networks/spare/cidr"
mv "$P/drafts/networks/spare" "$P/networks/spare"
for collection in vms networks disks buckets; do mkdir "$P/drafts/$collection/fresh"; done
echo 10.77.0.0/24 > "$P/drafts/networks/fresh/cidr"
for bucket in one two three four five six seven eight nine; do
    mkdir "$P/buckets/$bucket"
    echo text > "$P/buckets/$bucket/object"
done
mkdir "$P/buckets/empty" "$P/buckets/eight/directory"

# What is known already and is to be changed; of one machine all at once.
know
inject hang '*'
check write "$W/status" up
check write "$W/memory" 3072
check write "$W/cpus" 7
check write "$W/autostart" "$([ "$(cat "$W/autostart")" = yes ] && echo no || echo yes)"
check write "$W/flavor" xlarge
check write "$W/iso" debian-12-netinst.iso
check write "$W/name" renamed
check write "$W/description" text
check write "$W/plan" another
check write "$W/metadata/owner" nobody
check write "$W/revert" s1
check write "$W/clone" copy
check write "$W/clone" "copy full"
check write "$W/export" image
check write "$W/disks/vda/size" 40
check write "$W/nics/eth0/network" backend
check write "$N/status" down
check write "$N/domain" example.net
check write "$N/mtu" 1400
check write "$P/disks/scratch1/size" 99
check write "$P/pools/archive/status" down
check write "$P/dns/example.com/web1/A" 10.9.9.9
check write "$P/dns/example.com/web1/ttl" 77
judge

# Names that come, go and move.
inject hang
within 10 know
inject hang '*'
check mkdir "$P/vms/new"
check mkdir "$P/networks/new"
check mkdir "$P/disks/new"
check mkdir "$P/buckets/new"
check mkdir "$P/security_groups/new"
check mkdir "$W/snapshots/s2"
check mkdir "$W/disks/new"
check rmdir "$W/nics/eth0"
check unlink "$W/metadata/user"
check write-new "$P/vms/web2/metadata/new" text
check rmdir "$P/pools/archive"
check rmdir "$P/dns/lab.internal"
judge
inject hang
within 10 know
inject hang '*'
check rmdir "$P/vms/web3"
check rmdir "$P/networks/spare"
check rmdir "$P/disks/scratch1"
check rmdir "$P/buckets/empty"
check rmdir "$P/security_groups/database"
check rmdir "$P/images/windows-2022"
check rmdir "$W/snapshots/s1"
judge
check rename "$P/vms/web2" "$P/vms/web9"
# Of those that lead from one directory to another the kernel lets in one for the whole mount.
for collection in vms networks disks buckets; do
    check rename "$P/drafts/$collection/fresh" "$P/$collection/fresh"
    judge
done
inject hang
within 10 know
for collection in vms networks disks buckets; do test -d "$P/drafts/$collection/fresh"; done
test -d "$P/vms/web2"
inject hang '*'
check rename "$P/disks/scratch1" "$W/disks/scratch1"
judge

# What nothing is known of: each collection listed, looked into, and what is in it.
inject hang
within 10 know
inject hang '*'
echo x > "$P/refresh"
# The kernel hears of it a moment later.
within 10 expect ETIMEDOUT stat "$N/cidr"
sleep 1
for collection in vms networks disks pools subnets images isos flavors buckets security_groups dns; do
    check list "$P/$collection"
    check stat "$P/$collection/nothing"
done
check read "$P/overview"
check list "$W"
check list "$W/disks"
check stat "$W/memory"
check read "$W/info.json"
check getxattr "$W/memory" user.infrafs.error
check truncate "$W/memory" 0
judge
# What needs nobody waits for nobody.
check statvfs "$M"
check statvfs "$P"
check statvfs "$P/vms"
check list "$P"
check list "$M"
judge ok 3000
# Whether it may be deleted now nobody can tell: the name is not hidden either.
check unlink "$W/cpus"
judge
inject hang

# Objects: not found by who looks, and then what each does to one that is found.
within 10 know
inject hang object.list
# What a listing told is known for a second.
sleep 2
check stat "$P/buckets/one/object"
check list "$P/buckets/two"
check read "$P/buckets/three/object"
check put "$P/buckets/four/new" "$LIB/case.sh"
check truncate "$P/buckets/five/object" 2
check unlink "$P/buckets/six/object"
check rename "$P/buckets/seven/object" "$P/buckets/seven/other"
check mkdir "$P/buckets/eight/new"
check chmod "$P/buckets/nine/object" 604
judge
inject hang
within 10 objects
inject hang "object.read object.write object.copy object.delete bucket.update"
check read "$P/buckets/three/object"
check put "$P/buckets/four/new" "$LIB/case.sh"
check put "$P/buckets/one/object" "$LIB/case.sh"
check append "$P/buckets/two/object" more
check truncate "$P/buckets/five/object" 2
check unlink "$P/buckets/six/object"
check rename "$P/buckets/seven/object" "$P/buckets/seven/other"
check rmdir "$P/buckets/eight/directory"
check chmod "$P/buckets/nine/object" 604
check getxattr "$P/buckets/eight/object" user.infrafs.url
judge ETIMEDOUT 9000
inject hang

# What was open before: reading, fsync and close.
cat > held.py <<'P'
import errno, os, sys, time
operation, path = sys.argv[1:]
file = os.open(path, os.O_RDONLY if operation == "pread" else os.O_WRONLY | os.O_APPEND)
if operation != "pread":
    os.write(file, b"more\n")
print("ready", flush=True)
sys.stdin.readline()
start, said = time.monotonic(), "ok"
try:
    os.pread(file, 100, 0) if operation == "pread" else getattr(os, operation)(file)
except OSError as error:
    said = errno.errorcode[error.errno]
print(said, int((time.monotonic() - start) * 1000), flush=True)
P
within 10 objects
for operation in pread fsync close; do
    case $operation in pread) bucket=one ;; fsync) bucket=two ;; *) bucket=three ;; esac
    echo "$operation of what was open" > "$P/buckets/$bucket/fresh"
    coproc HELD { python3 held.py $operation "$P/buckets/$bucket/fresh"; }
    read -r said <&"${HELD[0]}"
    is "$said" ready
    inject hang '*'
    echo go >&"${HELD[1]}"
    read -r said took <&"${HELD[0]}"
    wait "$HELD_PID" || true
    inject hang
    is "$said" ETIMEDOUT $operation
    at_most "$took" 7000 $operation
done

# And all is as it was.
within 10 know
within 10 reads "$P/buckets/one/object" text
is "$(cat "$W/name")" web3
is "$(ls "$P/vms" | wc -l)" 12
