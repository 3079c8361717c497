# A storm of changes with watchers: bounded work, no loop, and none of it where nobody watches.
# Limit: 120 s
source "$LIB/case.sh"
mount_config -o inotify <<'Y'
providers:
  demo: {type: fake, vms: 500}
  quiet: {type: fake, vms: 3}
Y
ticks() { awk '{ print $14 + $15 }' "/proc/$DAEMON/stat"; }
threads() { ls "/proc/$DAEMON/task" | wc -l; }
ls "$P/vms" | grep -v "[~% ]" > names
stat -c %n "$P"/vms/*/status > /dev/null
mapfile -t names < names
storm() {
    local round name
    for round in 1 2 3 4; do
        for name in "${names[@]:0:250}"; do echo "description $name round-$round-$1"; done
    done | while read -r line; do printf '%s\n' "$line" > "$P/.inject/outside"; done
}
# Nobody watches: no touch, which would be a setattr.
storm nobody
python3 - "$M" "$P" "${names[0]}" <<'Y'
import ctypes, os, select, struct, sys, time

mount, provider, name = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
notifier = libc.inotify_init1(os.O_NONBLOCK)
MODIFY, ATTRIB, CREATE, DELETE = 0x2, 0x4, 0x100, 0x200
def watch(path, mask=MODIFY | ATTRIB | CREATE | DELETE):
    number = libc.inotify_add_watch(notifier, path.encode(), mask)
    assert number > 0, os.strerror(ctypes.get_errno())
    return number
def events(seconds):
    """All events until it has been quiet for so long."""
    found = []
    while select.select([notifier], [], [], seconds)[0]:
        buffer, at = os.read(notifier, 65536), 0
        while at < len(buffer):
            number, mask, cookie, length = struct.unpack_from("iIII", buffer, at)
            found.append((number, mask, buffer[at + 16 : at + 16 + length].rstrip(b"\0").decode()))
            at += 16 + length
    return found
vm = "%s/vms/%s" % (provider, name)
one = watch(vm + "/description")
everything = watch(provider + "/vms")
quiet = watch(mount + "/quiet/vms")
# What changed before they watched may still be told of.
events(2)
assert events(2) == [], "events without a change"
def outside(line):
    with open(provider + "/.inject/outside", "w") as file:
        file.write(line + "\n")
for number in range(300):
    outside("description %s told-%d" % (name, number))
found = events(3)
mine = [event for event in found if event[0] == one and event[1] & MODIFY]
assert 1 <= len(mine) <= 300, len(mine)
assert open(vm + "/description").read() == "told-299\n"
assert not [event for event in found if event[0] == quiet], found
# Reading what was told of is no change, and nothing goes round in circles.
assert [event for event in events(3) if event[0] == one] == []
for number in range(20):
    outside("vm.create new%d" % number)
found = events(3)
assert {event[2] for event in found if event[1] & CREATE} >= {"new%d" % number for number in range(20)}, found
os.close(notifier)
Y
# At rest again: no work of its own.
sleep 1
before=$(ticks)
sleep 3
at_most $(($(ticks) - before)) 45 "hundredths of a second of processor time in three seconds of rest"
at_most "$(threads)" 64
# A mount that is watched can be taken off.
unmount
