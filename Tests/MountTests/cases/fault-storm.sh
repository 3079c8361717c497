# Machines that come and go while a directory is read: no duplicates, nothing stable missing, however slowly it is read (X11).
# Limit: 120 s
source "$LIB/case.sh"
# So many that no listing is one call of getdents(2).
mount_config <<'Y'
providers:
  demo: {type: fake, vms: 3000}
Y
ls "$P/vms" > stable
is "$(wc -l < stable)" 3000
# What comes and goes is before, among and after the rest, and its neighbours in the order of names.
(for turn in $(seq 150); do
    for name in aaa$turn db$turn-storm zzz$turn; do inject outside "vm.create $name"; done
    for name in aaa$turn db$turn-storm zzz$turn; do inject outside "vm.delete $name"; done
done) &
storm=$!
turns=0
while ! is_gone $storm; do
    ls -U "$P/vms" > listing
    is "$(sort listing | uniq -d)" ""
    sort listing | comm -23 <(sort stable) - > missing
    is "$(cat missing)" ""
    strace -f -qq -e trace=getdents64 -o dents ls -U "$P/vms" > /dev/null
    at_most 3 "$(grep -c getdents64 dents)"
    # One that takes its time over each part of the listing, and begins anew from the place that it is at.
    python3 -I - "$P/vms" stable <<'Y'
import ctypes, os, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
directory = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
stable, names, place, turn = set(open(sys.argv[2]).read().split("\n")) - {""}, [], 0, 0
while True:
    # 217 is getdents64 on x86_64, 61 on others.
    count = libc.syscall(217 if os.uname().machine == "x86_64" else 61, directory, buffer, 4096)
    assert count >= 0, ctypes.get_errno()
    if count == 0:
        break
    at = 0
    while at < count:
        _, place, length, _ = struct.unpack_from("=QqHB", buffer.raw, at)
        names.append(buffer.raw[at + 19:at + length].split(b"\0")[0].decode())
        at += length
    turn += 1
    if turn % 10 == 0:
        os.lseek(directory, place, os.SEEK_SET)
    time.sleep(0.002)
assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)[:5]
assert not stable - set(names), sorted(stable - set(names))[:5]
Y
    turns=$((turns + 1))
done
wait $storm
at_most 2 $turns
within 5 bash -c "ls '$P/vms' | diff stable -"
