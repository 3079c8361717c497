# poll() on events wakes for a change, and does not wake without one (X2).
source "$LIB/case.sh"
mount_demo
python3 - "$P/events" "$P/.inject/outside" <<'Y'
import os, select, sys, time
events, outside = sys.argv[1:]
descriptor = os.open(events, os.O_RDONLY | os.O_NONBLOCK)
def drain():
    content = b""
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return content
        if not chunk:
            return content
        content += chunk
drain()
poll = select.poll()
poll.register(descriptor, select.POLLIN)
wakes = 0
end = time.monotonic() + 1
while time.monotonic() < end:
    if poll.poll(200):
        wakes += 1
        drain()
assert wakes <= 1, "%d wakes without an event" % wakes
with open(outside, "w") as change:
    change.write("memory web2 4096\n")
assert poll.poll(3000), "no wake for a change"
assert b"web2" in drain(), "the change is not there after the wake"
# Many changes: a wake for each at most, and quiet afterwards.
lines, wakes = 0, 0
for number in range(100):
    with open(outside, "w") as change:
        change.write("memory web2 %d\n" % (1024 + number % 2 * 1024))
    while poll.poll(0):
        wakes += 1
        lines += drain().count(b"\n")
# Until it has been quiet for a second.
while poll.poll(1000):
    wakes += 1
    lines += drain().count(b"\n")
# Changes of one machine that come together are told together.
assert 1 <= lines <= 105 and wakes <= lines + 2, (lines, wakes)
Y
