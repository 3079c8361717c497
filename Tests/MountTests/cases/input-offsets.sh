# Offsets and sizes far past the end: empty reads, a precise errno for writes, and the daemon lives.
source "$LIB/case.sh"
mount_demo
mkdir "$P/drafts/vms/far"
printf 1024 > "$P/drafts/vms/far/memory"
object=$P/buckets/inbox/far
printf 0123456789 > "$object"
volume=$P/disks/$(grep -L . "$P"/disks/*/vm | head -n 1 | xargs dirname | xargs basename)/data
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
        assert got in (b"", "EINVAL"), (path, offset, got)
        for whence in (os.SEEK_DATA, os.SEEK_HOLE):
            assert code(os.lseek, file, offset, whence) == "ENXIO", (path, offset)
    os.close(file)
for path in (obj, volume, root + "/drafts/vms/far/memory", root + "/drafts/vms/far/info", root + "/vms/web3/.far.tmp"):
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    for offset in offsets:
        got = code(os.pwrite, file, b"far\n", offset)
        assert got in ("EFBIG", "ENOSPC", "EINVAL"), (path, offset, got)
        got = code(os.ftruncate, file, offset)
        assert got in ("EFBIG", "ENOSPC", "EINVAL", "EOPNOTSUPP", "EPERM", None), (path, offset, got)
        assert got is not None or path == volume, (path, offset, "was lengthened")
    code(os.close, file)
for path in (root, root + "/vms", root + "/vms/web1", root + "/buckets/inbox", root + "/drafts/vms"):
    whole = os.listdir(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    for offset in (1, 2, 3, 1000, 2**31, 2**62, last):
        code(os.lseek, descriptor, offset, os.SEEK_SET)
        listed = os.listdir(descriptor)
        assert set(listed) <= set(whole) and len(set(listed)) == len(listed), (path, offset, listed)
    os.close(descriptor)
PY
is "$(cat "$object")" 0123456789
is "$(cat "$P/drafts/vms/far/memory")" 1024
is "$(cat "$P/vms/web1/status")" up
is "$(cat "$P/status")" up
