# Where viewers connect, for each kind of screen; the serial line in both directions, for several at a time, also of a
# machine that takes nothing, and to its end; and a terminal on it that is put back as it was.
# Limit: 400 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab

# screen NAME FILE=VALUE...: a machine with that screen, running.
screen() {
    local draft=$P/drafts/vms/$1 pair
    mkdir "$draft"
    echo guest.qcow2 > "$draft/image"
    echo 192 > "$draft/memory"
    echo 1 > "$draft/cpus"
    for pair in "${@:2}"; do echo "${pair#*=}" > "$draft/${pair%%=*}"; done
    mv "$draft" "$P/vms/$1"
}
# end NAME
end() {
    echo down > "$P/vms/$1/status"
    rmdir "$P/vms/$1"
}
screen con2 spice=yes listen=0.0.0.0
echo suspend > "$P/vms/con2/status"
matches "$(cat "$P/vms/con2/console")" '^spice://127.0.0.1:[0-9]+$'
screen con3 listen=socket
echo suspend > "$P/vms/con3/status"
matches "$(cat "$P/vms/con3/console")" '^vnc\+unix:///'
screen con4 vnc=no serial=no
is "$(cat "$P/vms/con4/console")" ""
expect EOPNOTSUPP read "$P/vms/con4/.serial"
end con4

# Machines that take nothing: who writes waits, as many as Swift has threads here, and nobody else does; a signal ends
# the wait.
writers=()
for name in con2 con3; do
    head -c 4M /dev/zero > "$P/vms/$name/.serial" 2> /dev/null &
    writers+=($!)
    within 60 opens "$!" "$P/vms/$name/.serial"
done
for count in 1 2 3 4; do
    timeout 20 bash -c "echo $count > '$P/vms/con2/description'"
    is "$(timeout 20 cat "$P/vms/con2/description")" "$count"
done
# libvirt gives such lines up after half a minute.
kill "${writers[@]}" 2> /dev/null || true
for pid in "${writers[@]}"; do within 20 is_gone "$pid"; done
end con2
end con3

screen con1
vm=$P/vms/con1
serial_of "$vm" serial
one=$!
port=$(virsh dumpxml con1 | sed -n "s/.*<graphics type='vnc' port='\([0-9]*\)'.*/\1/p")
is "$(cat "$vm/console")" "vnc://127.0.0.1:$port"
inside /usr/bin/python3 -c '
import socket, sys
print(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60).recv(4))' "$port" | has "b'RFB '"

# The serial line. The guest's shell reads ahead of its prompt: what is typed before it would be lost in there.
prompt() { tail -c 12 "$1" | has -a '# '; }
within 200 grep -q 'guest: ready' serial
within 60 prompt serial
serial_of "$vm" second
two=$!
echo 'echo $((6 * 7))-told' > "$vm/.serial"
within 60 grep -aq '^42-told' serial
within 60 grep -aq '^42-told' second
refuses grep -q 'guest: ready' second
within 60 prompt second
kill "$one" "$two"
# One that has it open and does not read loses the oldest, and delays neither those who read nor anything else.
exec 3< "$vm/.serial"
serial_of "$vm" quick
echo 'seq 1 100000; echo $((6 * 9))-last' > "$vm/.serial"
slowest=0
until grep -aq '^54-last' quick; do
    [ "$SECONDS" -lt 560 ] || fail "the line stands still after $(wc -c < quick) bytes"
    took=$(time_of bash -c "echo $SECONDS > '$vm/description' && ls -l '$P/vms'")
    if [ "$took" -gt "$slowest" ]; then slowest=$took; fi
done
echo "the slowest change: $slowest ms" >&2
at_most "$slowest" 5000
is "$(tr -d '\r' < quick | grep -acx '[0-9]*')" 100000
timeout 5 cat <&3 > slow || true
exec 3<&-
# The last 256 KiB, and what the shell said while it was read.
at_most 262144 "$(wc -c < slow)"
at_most "$(wc -c < slow)" 266240
grep -aq '^54-last' slow
# A read that waits holds up no write through the same open file, and what is long arrives whole.
cat > talk.py <<'PY'
import hashlib, os, sys, threading, time

line = os.open(sys.argv[1], os.O_RDWR)
seen, news = bytearray(), threading.Condition()

def listen():
    while part := os.read(line, 65536):
        with news:
            seen.extend(part)
            news.notify()

def say(text, *answers):
    """Sends, and waits for answers that come one after the other."""
    def are_there():
        place = 0
        for answer in answers:
            place = seen.find(answer, place) + len(answer)
            if place < len(answer):
                return False
        return True

    with news:
        seen.clear()
    rest = text
    while rest:
        rest = rest[os.write(line, rest):]
    with news:
        assert news.wait_for(are_there, 100), (text[:80], answers, bytes(seen[-400:]))

threading.Thread(target=listen, daemon=True).start()
say(b"echo $((7 * 8))-told\n", b"\n56-told\r\n", b"# ")
say(b"stty -echo; echo $((9 * 9))-reads; cat > /tmp/long\n", b"\n81-reads\r\n")
text = b"".join(b"line %d of what is long\n" % number for number in range(700))
say(text + b"\x04", b"# ")
say(b"md5sum /tmp/long\n", hashlib.md5(text).hexdigest().encode(), b"# ")
say(b"stty sane; echo $((10 * 10))-sane\n", b"100-sane\r\n", b"# ")
PY
/usr/bin/python3 talk.py "$vm/.serial"

# A terminal: what is typed goes to the machine, Ctrl-] leaves, and the terminal is as it was, however it ends.
terminal() { timeout 120 /usr/bin/python3 "$LIB/terminal" "$INFRAFS" "$vm" "$@"; }
terminal escape
for signal in TERM HUP INT QUIT; do terminal signal "$signal"; done
terminal command "echo down > '$vm/status'"

# The end of the guest is the end of the line.
expect EBUSY read "$vm/.serial"
echo up > "$vm/status"
serial_of "$vm" again
reader=$!
# Its firmware speaks at once.
within 100 test -s again
# A shell of its own: this one is told of its children's ends, and a signal interrupts a slow write.
bash -c "echo down > '$vm/status'"
within 30 is_gone "$reader"

# So is the end of the mount.
echo up > "$vm/status"
terminal command "umount -l '$M'; kill $DAEMON"
await_end
virsh destroy con1
