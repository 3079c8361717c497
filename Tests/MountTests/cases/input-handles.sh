# Thousands of open handles cost little, there is a limit to them, and all of them are given back.
source "$LIB/case.sh"
allow_errors 'too many open|are open: close some'
mount_demo
cat "$P"/vms/web1/* > /dev/null 2>&1 || true
# What is in the page cache needs no handle: neither does reading the metrics count against the others.
ls -l "$P/vms" > /dev/null
python3 -I - "$P" "$DAEMON" <<'PY'
import errno, os, resource, sys
root, daemon = sys.argv[1:]
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
def resident():
    with open(f"/proc/{daemon}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
def refused(path, flags):
    try:
        os.close(os.open(path, flags, 0o644))
    except OSError as error:
        assert error.errno == errno.ENFILE, (path, error)
        return True
    return False
class Holder:
    """A process that opens so many files, or fewer where it is refused, and holds them until it is let go."""
    def __init__(self, count, *kinds):
        answer, self.end = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.end[1])
            held = 0
            try:
                while held < count:
                    os.open(f"{root}/{kinds[held % len(kinds)][0]}", kinds[held % len(kinds)][1])
                    held += 1
            except OSError as error:
                assert error.errno == errno.ENFILE, error
            os.write(answer[1], b"%d" % held)
            os.read(self.end[0], 1)
            os._exit(0)
        os.close(answer[1])
        os.close(self.end[0])
        self.held = int(os.read(answer[0], 20))
    def let_go(self):
        os.close(self.end[1])
        assert os.waitpid(self.pid, 0)[1] == 0
before = resident()
each = min(most - 100, 4000)
kinds = [(name, os.O_RDONLY) for name in ("events", "vms", "vms/web1")] + [("vms/web3/memory", os.O_WRONLY)]
holders, held = [Holder(each, *kinds)], each
assert holders[0].held == each, holders[0].held
grown = resident() - before
print(grown, "KiB more for", held)
assert grown < 3 * held, grown
# Up to the limit, and none more.
while not refused(f"{root}/events", os.O_RDONLY) and held < 20000:
    holders.append(Holder(each, ("events", os.O_RDONLY)))
    held += holders[-1].held
print(held, "handles,", resident() - before, "KiB more")
assert held == 16384, held
assert resident() - before < 40000
for path, flags in ((f"{root}/vms/web3/cpus", os.O_WRONLY | os.O_TRUNC), (f"{root}/vms", os.O_RDONLY),
                    (f"{root}/vms/web3/metadata/new", os.O_WRONLY | os.O_CREAT)):
    assert refused(path, flags), path
# What is read from the page cache goes on, and nothing was changed by what was refused.
assert open(f"{root}/vms/web3/status").read() == "down\n"
assert not os.path.exists(f"{root}/vms/web3/metadata/new")
holders.pop().let_go()
while refused(f"{root}/events", os.O_RDONLY):
    pass
for holder in reversed(holders):
    holder.let_go()
PY
within 10 bash -c "[ \$(awk '\$1 == \"infrafs_open_handles\" { print \$2 }' '$M/.infrafs/metrics') -le 5 ]"
is "$(cat "$P/vms/web1/status")" up
