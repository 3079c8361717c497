# Where viewers connect, for each kind of screen; the serial line in both directions, for several at a time, to its end;
# and a terminal on it that is put back as it was.
# Limit: 300 s
source "$LIB/case.sh"
source "$LIB/libvirt.sh"
mount_lab

# screen NAME FILE VALUE...: a machine with that screen, running.
screen() {
    local draft=$P/drafts/vms/$1 pair
    mkdir "$draft"
    echo guest.qcow2 > "$draft/image"
    echo 192 > "$draft/memory"
    echo 1 > "$draft/cpus"
    for pair in "${@:2}"; do echo "${pair#*=}" > "$draft/${pair%%=*}"; done
    mv "$draft" "$P/vms/$1"
}
screen con1
port=$(virsh dumpxml con1 | sed -n "s/.*<graphics type='vnc' port='\([0-9]*\)'.*/\1/p")
is "$(cat "$P/vms/con1/console")" "vnc://127.0.0.1:$port"
nsenter -t "$(cat "$INFRAFS_TEST_LIBVIRT_DIR/anchor.pid")" --net \
    /usr/bin/python3 -c 'import socket, sys; print(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).recv(4))' "$port" |
    has "b'RFB '"
screen con2 spice=yes listen=0.0.0.0
matches "$(cat "$P/vms/con2/console")" '^spice://127.0.0.1:[0-9]+$'
screen con3 listen=socket
matches "$(cat "$P/vms/con3/console")" '^vnc\+unix:///'
screen con4 vnc=no serial=no
is "$(cat "$P/vms/con4/console")" ""
expect EOPNOTSUPP read "$P/vms/con4/.serial"
for name in con2 con3 con4; do
    echo down > "$P/vms/$name/status"
    rmdir "$P/vms/$name"
done

# The serial line.
vm=$P/vms/con1
serial_of "$vm" serial
within 90 grep -q 'guest: ready' serial
one=$!
serial_of "$vm" second
echo 'echo $((6 * 7))-told' > "$vm/.serial"
within 30 grep -aq '^42-told' serial
within 30 grep -aq '^42-told' second
refuses grep -q 'guest: ready' second
kill "$one" "$!"
# A read that waits holds up no write through the same open file.
exec 5<> "$vm/.serial"
grep -am 1 '^56-told' <&5 > third &
echo 'echo $((7 * 8))-told' >&5
within 30 grep -q 56-told third
exec 5>&-

# A terminal: typed to the machine, Ctrl-] leaves, and the terminal is as it was.
cat > terminal.py <<'PY'
import os, pty, select, sys, termios, time

program, machine = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program, [program, "console", machine])
before = None
seen = b""

def until(text, seconds=60):
    global seen
    end = time.time() + seconds
    while text not in seen:
        assert time.time() < end, (text, seen)
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 4096)
            except OSError:
                break
    assert text in seen, (text, seen)

cooked = termios.ICANON | termios.ECHO | termios.ISIG
assert termios.tcgetattr(terminal)[3] & cooked == cooked
until(b"Ctrl-] leaves")
assert termios.tcgetattr(terminal)[3] & cooked == 0, "the terminal is not raw"
def command(text, answer):
    # The guest's shell throws away what is typed before its prompt.
    global seen
    seen = b""
    os.write(terminal, text)
    until(answer)
    until(b"# ")

command(b"\r", b"# ")
command(b"echo $((2 + 3))-five\r", b"5-five")
# Ctrl-C is the machine's: it ends what runs there, not the console.
os.write(terminal, b"echo $((6 * 6))-sleeps; sleep 600\r")
until(b"36-sleeps")
command(b"\x03", b"# ")
command(b"echo $((3 + 4))-seven\r", b"7-seven")
os.write(terminal, b"\x1d")
end = time.time() + 20
while True:
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    assert time.time() < end, "Ctrl-] does not leave"
    time.sleep(0.05)
    if select.select([terminal], [], [], 0)[0]:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            pass
assert os.waitstatus_to_exitcode(status) == 0, (status, seen)
print("left")
PY
/usr/bin/python3 terminal.py "$INFRAFS" "$vm" | has left
# The same, ended from outside: stty tells that the terminal is as it was.
cat > restored.sh <<'S'
before=$(stty -g)
"$1" console "$2" &
pid=$!
sleep 1
kill "$pid"
wait "$pid"
[ "$(stty -g)" = "$before" ] && echo restored
S
script -qec "bash $PWD/restored.sh '$INFRAFS' '$vm'" /dev/null < /dev/null | has restored

# The end of the guest is the end of the line.
cat "$vm/.serial" > last &
reader=$!
within 5 test -e last
# A shell of its own: this one is told of its children's ends, and a signal interrupts a slow write.
bash -c "echo down > '$vm/status'"
within 20 is_gone "$reader"
expect EBUSY read "$vm/.serial"
echo up > "$vm/status"
serial_of "$vm" again
within 90 grep -q 'guest: ready' again
bash -c "echo down > '$vm/status'"
rmdir "$vm"
