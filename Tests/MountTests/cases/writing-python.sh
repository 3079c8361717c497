# Python's ways to write: open, pathlib, shutil, os.replace, tempfile beside the file; a mapping that is shared is refused.
source "$LIB/case.sh"
mount_demo
vm=$P/vms/web3
ls -A "$vm" > before
python3 - "$vm" <<'Y'
import mmap, os, pathlib, shutil, sys, tempfile

vm = pathlib.Path(sys.argv[1])
cpus = vm / "cpus"
with open(cpus, "w") as file:
    file.write("3\n")
assert cpus.read_text() == "3\n"
cpus.write_text("4")
assert cpus.read_text() == "4\n"
with open(cpus, "r+") as file:
    assert file.read() == "4\n"
    file.seek(0)
    file.write("5\n")
    file.truncate()
assert cpus.read_text() == "5\n"
pathlib.Path("value").write_text("6\n")
shutil.copy2("value", cpus)
assert cpus.read_text() == "6\n"
# As careful programs do: a temporary file beside it, stored, and renamed over it.
with tempfile.NamedTemporaryFile("w", dir=vm, prefix=".cpus.", delete=False) as file:
    file.write("7\n")
    file.flush()
    os.fsync(file.fileno())
os.replace(file.name, cpus)
assert cpus.read_text() == "7\n"
descriptor = os.open(cpus, os.O_RDWR)
try:
    mmap.mmap(descriptor, 2, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    sys.exit("a shared mapping could be written")
except OSError:
    pass
finally:
    os.close(descriptor)
assert cpus.read_text() == "7\n"
Y
ls -A "$vm" | diff before -
