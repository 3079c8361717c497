# What is refused, hundreds of times: a precise errno each, no change, and neither memory nor descriptors grow.
# Limit: 120 s
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/odd"
echo 2048 > "$P/drafts/vms/odd/memory"
echo 'cpus: 3' > "$P/drafts/vms/odd/info"
cat > refused.py <<'P'
import errno, os, sys
root, rounds = sys.argv[1], int(sys.argv[2])
vm, draft = root + "/vms/web3", root + "/drafts/vms/odd"
much, binary = b"1" * (1 << 20), bytes(range(256)) * 16
name = "n" * 255

def write(path, content, offset=0):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, content, offset)
    finally:
        os.close(descriptor)

def document(path, content):
    with open(path, "wb", buffering=0) as file:
        file.write(content)

CASES = [
    ("EFBIG", write, vm + "/memory", much),
    ("EINVAL", write, vm + "/status", binary),
    ("EINVAL", write, vm + "/memory", b"much\n"),
    ("ERANGE", write, vm + "/memory", b"999999999\n"),
    ("EPERM", write, vm + "/id", b"other\n"),
    ("ENAMETOOLONG", os.mkdir, root + "/vms/" + name + "n"),
    ("ENAMETOOLONG", os.mkdir, root + "/drafts/vms/" + name + "n"),
    ("EILSEQ", os.mkdir, os.fsencode(root) + b"/vms/a\xff"),
    ("EINVAL", os.mkdir, root + "/vms/.hidden"),
    ("EPERM", os.mkdir, vm + "/directory"),
    ("EPERM", os.mkdir, vm + "/metadata/deep"),
    ("EPERM", os.symlink, "/etc/passwd", vm + "/link"),
    ("EPERM", os.rename, vm + "/memory", root + "/vms/db1/cpus"),
    ("ENOENT", os.stat, root + "/vms/" + name),
    ("EINVAL", document, draft + "/info", b"memory: [1, 2\n"),
    ("EINVAL", document, draft + "/info", b"memory: 1\nmemory: 2\n"),
    ("EINVAL", document, draft + "/info", b"a: &a [x]\nb: [" + b"*a," * 10000 + b"]\n"),
    ("EINVAL", document, draft + "/info", b"memory: " + b"[" * 2000 + b"]" * 2000),
    ("EFBIG", document, draft + "/info", b"#" * (1 << 20)),
    ("EFBIG", write, draft + "/info", b"memory: 2048\n", (1 << 63) - 4096),
    ("EINVAL", write, draft + "/memory", b"rubbish\n"),
]
for turn in range(rounds):
    for number, (want, body, *arguments) in enumerate(CASES):
        if not isinstance(arguments[0], bytes) and body is os.stat:
            arguments = [arguments[0][:-4] + "%04d" % turn]
        try:
            body(*arguments)
            got = "ok"
        except OSError as error:
            got = errno.errorcode[error.errno]
        assert got == want, (number, body.__name__, arguments[0], got, want)
P
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"; }
descriptors() { ls "/proc/$DAEMON/fd" | wc -l; }
threads() { ls "/proc/$DAEMON/task" | wc -l; }
find "$P" -path '*/data' -prune -o -name errors -prune -o -print | sort > tree
cp -r "$P/vms/web3" before
reset_calls
python3 -I refused.py "$P" 5
base=$(memory) open=$(descriptors)
python3 -I refused.py "$P" 40
within 10 bash -c "[ \$(ls /proc/$DAEMON/fd | wc -l) -le $open ]"
at_most $(($(memory) - base)) 8000 "KiB more after 800 refusals"
at_most "$(threads)" 64
# What is too large for the platform only the platform can know.
is "$(changes)" "$(calls vm.memory)" "$(cat "$P/.inject/calls")"
diff -r before "$P/vms/web3"
is "$(cd "$P/drafts/vms/odd" && grep . memory info)" $'memory:2048\ninfo:cpus: 3'
is "$(ls -A "$P/drafts/vms/odd" | tr '\n' ' ')" "info memory "
find "$P" -path '*/data' -prune -o -name errors -prune -o -print | sort | diff tree -
at_most "$(wc -l < "$P/errors")" 200
