# Scratch files: a bounded amount of memory, never listed, and gone when their writer is.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$DAEMON/status"; }
cat "$vm"/* > /dev/null 2>&1 || true
base=$(resident)
head -c 1048576 /dev/zero > megabyte
cat megabyte > "$vm/.one.tmp"
is "$(stat -c %s "$vm/.one.tmp")" 1048576
expect EFBIG append "$vm/.one.tmp" x
expect EFBIG truncate "$vm/.one.tmp" 1048577
# More than all may hold, by writers that keep them open.
python3 - "$vm" megabyte <<'Y'
import errno, os, sys
content = open(sys.argv[2], "rb").read()
held, failed = [], 0
for number in range(64):
    descriptor = os.open("%s/.held%d.tmp" % (sys.argv[1], number), os.O_WRONLY | os.O_CREAT)
    held.append(descriptor)
    try:
        assert os.write(descriptor, content) == len(content)
    except OSError as error:
        assert error.errno == errno.ENOSPC, error
        failed += 1
assert 20 <= failed <= 40, failed
assert sorted(os.listdir(sys.argv[1])) == sorted(name for name in os.listdir(sys.argv[1]) if not name.startswith("."))
Y
at_most $(($(resident) - base)) 100 "MB more"
# Many empty ones too.
python3 - "$vm" <<'Y'
import errno, os, sys
held, failed = [], 0
for number in range(5000):
    try:
        held.append(os.open("%s/.many%d.tmp" % (sys.argv[1], number), os.O_WRONLY | os.O_CREAT))
    except OSError as error:
        assert error.errno == errno.ENOSPC, error
        failed += 1
        if failed > 3:
            break
    if len(held) > 900:
        os.close(held.pop(0))
assert failed > 0, "five thousand scratch files at once"
Y
ls -A "$vm" | diff before -
# Their writers are gone: so are they, within seconds, and there is room again.
within 15 "$LIB/fsop" create "$vm/.again.tmp"
within 15 bash -c "cat '$T/megabyte' > '$vm/.fits.tmp'"
within 15 bash -c "! test -e '$vm/.one.tmp'"
