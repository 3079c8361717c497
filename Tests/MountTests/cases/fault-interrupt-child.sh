# A signal that asks for nothing (a child that ends, a window that is resized) cuts no write short; one after it that does, does.
source "$LIB/case.sh"
mount_demo
inject latency "vm.start 1500ms"
env --default-signal=CHLD bash -c 'sleep 0.3 & sleep 0.5 & echo up > "$1"' - "$P/vms/web3/status"
await_status web3 up

# Without what Python does about EINTR.
cat > waiter.py <<'P'
import ctypes, errno, os, signal, sys
for number in (signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG, signal.SIGINT):
    signal.signal(number, lambda *_: None)
libc = ctypes.CDLL(None, use_errno=True)
file = os.open(sys.argv[1], os.O_WRONLY)
print("written" if libc.write(file, b"down\n", 5) == 5 else errno.errorcode[ctypes.get_errno()], flush=True)
P
is_asked() { [ "$(calls vm.stop)" = 1 ]; }
inject latency "vm.stop 60000ms"
python3 waiter.py "$P/vms/web3/status" > said &
writer=$!
within 20 is_asked
for signal in CHLD WINCH URG; do
    kill -"$signal" $writer
    sleep 0.5
    is "$(cat said)" ""
done
start=$(milliseconds)
kill -INT $writer
wait $writer
at_most $(($(milliseconds) - start)) 3000
is "$(cat said)" EINTR
inject latency
