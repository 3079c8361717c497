# shutil copies and mmap reads the whole of a file (R5, R6, R12).
source "$LIB/case.sh"
mount_demo
file=$P/vms/web1/info.json
python3 -c "import shutil, sys; shutil.copy(sys.argv[1], 'p')" "$file"
cmp p "$file"
python3 -c "import shutil, sys; shutil.copytree(sys.argv[1], 'tree')" "$P/vms/web1"
diff -r tree "$P/vms/web1"
python3 - "$file" <<'Y'
import mmap, sys
with open(sys.argv[1], "rb") as file:
    whole = file.read()
    with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        assert view[:] == whole, "the view differs"
Y
