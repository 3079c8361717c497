# Offsets and sizes far past the end: empty reads, a precise errno for writes, and the daemon lives.
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/far"
printf 1024 > "$P/drafts/vms/far/memory"
object=$P/buckets/inbox/far
printf 0123456789 > "$object"
volume=$P/disks/$(grep -L . "$P"/disks/*/vm | head -n 1 | xargs dirname | xargs basename)/data
cat "$P/vms/web3/info" "$P/vms/web3/metadata/plan" > before
head -c 1048576 "$volume" > content
size=$(stat -c %s "$volume")
python3 -I - "$P" "$object" "$volume" <<'PY'
import errno, os, sys
root, obj, volume = sys.argv[1:]
last = 2**63 - 1
offsets = (100 << 40, 2**62, last - 4096, last - 2, last)

def code(body, *arguments):
    try:
        return body(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]

for path in (root + "/vms/web1/status", root + "/vms/web1/info", root + "/events", root + "/drafts/vms/far/memory",
             root + "/../README", obj, volume):
    file = os.open(path, os.O_RDONLY)
    for offset in offsets:
        got = code(os.pread, file, 4096, offset)
        # read(2): EINVAL where the end of the range is no offset.
        assert got == (b"" if offset + 4096 <= last else "EINVAL"), (path, offset, got)
        for whence in (os.SEEK_DATA, os.SEEK_HOLE):
            assert code(os.lseek, file, offset, whence) == "ENXIO", (path, offset)
    os.close(file)
# What a write past the end and a lengthening answer: a volume has the length that it has, as a block device; a one-line
# value is the whole value, wherever it is written.
EXPECTED = (
    (obj, "EFBIG", "EFBIG"),
    (volume, "ENOSPC", None),
    (root + "/drafts/vms/far/memory", "EINVAL", "EFBIG"),
    (root + "/drafts/vms/far/info", "EFBIG", "EFBIG"),
    (root + "/vms/web3/memory", "EINVAL", "EFBIG"),
    (root + "/vms/web3/metadata/plan", "EFBIG", "EFBIG"),
    (root + "/vms/web3/.far.tmp", "EFBIG", "EFBIG"),
)
for path, write, truncate in EXPECTED:
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    size = os.fstat(file).st_size
    for offset in offsets:
        got = code(os.pwrite, file, b"far\n", offset)
        assert got == (write if offset + 4 <= last else "EINVAL"), (path, offset, got)
        got = code(os.ftruncate, file, offset)
        assert got == truncate, (path, offset, got)
    assert os.fstat(file).st_size == size, path
    os.close(file)
for path in (root, root + "/vms", root + "/vms/web1", root + "/buckets/inbox", root + "/drafts/vms"):
    whole = os.listdir(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    for offset in (1, 2, 3, 1000, 2**31, 2**62, last):
        code(os.lseek, descriptor, offset, os.SEEK_SET)
        listed = os.listdir(descriptor)
        assert set(listed) <= set(whole) and len(set(listed)) == len(listed), (path, offset, listed)
    os.close(descriptor)
PY
echo x > "$P/refresh"
is "$(cat "$P/vms/web3/info" "$P/vms/web3/metadata/plan" | sha256sum)" "$(sha256sum < before)"
head -c 1048576 "$volume" | cmp - content
is "$(stat -c %s "$volume")" "$size"
is "$(cat "$object")" 0123456789
is "$(cat "$P/drafts/vms/far/memory")" 1024
is "$(cat "$P/vms/web1/status")" up
is "$(cat "$P/status")" up
