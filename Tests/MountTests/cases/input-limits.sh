# Names of 255 bytes and of 256, a thousand directories a second, deep paths, offsets past the end: a precise errno each.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$DAEMON/status"; }
name=$(printf 'n%.0s' $(seq 255))
expect ENAMETOOLONG mkdir "$P/vms/${name}n"
expect ENAMETOOLONG create "$P/vms/web1/.${name}"
expect ENAMETOOLONG mkdir "$P/drafts/vms/${name}n"
expect ok mkdir "$P/drafts/vms/$name"
expect ok rmdir "$P/drafts/vms/$name"
expect ok mkdir "$P/vms/$name"
# 255 bytes of two each, and one that is no UTF-8.
wide=$(printf 'ü%.0s' $(seq 127))
expect ok mkdir "$P/drafts/vms/$wide"
expect EILSEQ mkdir "$P/drafts/vms/$(printf 'a\xff')"
expect EILSEQ mkdir "$P/vms/$(printf 'a\xff')"
before=$(find "$P/vms" -maxdepth 1 | wc -l)
reset_calls
start=$(milliseconds)
python3 - "$P" <<'Y'
import os, sys
for number in range(1000):
    os.mkdir("%s/drafts/vms/many%d" % (sys.argv[1], number))
assert len(os.listdir(sys.argv[1] + "/drafts/vms")) >= 1000
for number in range(1000):
    os.rmdir("%s/drafts/vms/many%d" % (sys.argv[1], number))
Y
echo "a thousand drafts made and removed in $(($(milliseconds) - start)) ms"
is "$(changes)" 0
is "$(find "$P/vms" -maxdepth 1 | wc -l)" "$before"
# Machines as fast as they can be asked for: what the quota has room for, each of them there, and no ghost of another.
room=$((1000 - $(cat "$P"/vms/*/id | wc -l))) held=$(resident)
start=$(milliseconds)
python3 - "$P" "$room" <<'Y'
import errno, os, sys
made = refused = 0
for number in range(1000):
    try:
        os.mkdir("%s/vms/many%d" % (sys.argv[1], number))
        made += 1
    except OSError as error:
        assert error.errno == errno.EDQUOT, (number, error)
        refused += 1
names = [name for name in os.listdir(sys.argv[1] + "/vms") if name.startswith("many")]
assert (made, refused, len(names)) == (int(sys.argv[2]), 1000 - int(sys.argv[2]), made), (made, refused, len(names))
Y
echo "a thousand machines asked for, $room made, in $(($(milliseconds) - start)) ms"
at_most $(($(resident) - held)) 16 "MiB more for $room machines"
# Deep: a draft has a bottom, a path has a longest length.
mkdir "$P/drafts/vms/deep"
expect EINVAL mkdir "$P/drafts/vms/deep/a"
refuses mkdir -p "$P/drafts/vms/deep/metadata/a/b/c/d/e/f" 2> errors
has 'deep/metadata/a/b/c.*: Invalid argument$' errors
long=$P/vms/web1$(printf '/%.0s' $(seq 5000))status
expect ENAMETOOLONG stat "$long"
# Past the end there is nothing, and no sparse value is made.
for file in "$P/vms/web1/info" "$P/vms/web1/memory" "$M/README"; do expect ok read-at "$file" 99999999999; done
echo 'memory: 1024' > "$P/drafts/vms/deep/info"
# A truncation alone asks for nothing.
expect ok truncate "$P/drafts/vms/deep/info" 99999999999
is "$(cat "$P/drafts/vms/deep/info")" 'memory: 1024'
python3 - "$P/vms/web3/memory" <<'Y'
import os, sys
descriptor = os.open(sys.argv[1], os.O_WRONLY)
# A one-line value is the whole value, wherever it is written.
os.pwrite(descriptor, b"2048\n", 1 << 40)
os.close(descriptor)
Y
is "$(cat "$P/vms/web3/memory")" 2048
# With a fleet of a thousand, and all that was asked for: 42 as measured, and what ten thousand may take at most.
echo "resident: $(resident) MB"
at_most "$(resident)" 60
