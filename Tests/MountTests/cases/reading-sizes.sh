# The size of every file is what its reading gives, and ends with a newline (R1, R8, R11).
source "$LIB/case.sh"
mount_demo
python3 - "$P" <<'Y' > bad
import os, sys
count = 0
for top, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(top, name)
        if name in ("data", "events") or not os.stat(path).st_mode & 0o400:
            continue
        count += 1
        size = os.stat(path).st_size
        with open(path, "rb") as file:
            content = file.read()
        if len(content) != size:
            print("size", path, size, len(content))
        if content and "/buckets/" not in path and not content.endswith(b"\n"):
            print("no newline", path)
if count < 500:
    print("only", count, "files")
Y
is "$(cat bad)" ""
# Only what reads as nothing is empty.
find "$P" -type f -empty -readable ! -name data > empty
while read -r file; do is "$(timeout 5 cat "$file")" "" "$file"; done < empty
test -s "$P/vms/web1/status"
