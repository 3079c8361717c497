# An open file is one consistent state, whatever changes meanwhile (R13).
source "$LIB/case.sh"
mount_demo
file=$P/vms/web2/info
cp "$file" before
exec 3< "$file"
inject outside "description web2 $(printf 'x%.0s' $(seq 500))"
within 2 grep -q xxxxx "$file"
cat <&3 > seen
exec 3<&-
cp "$file" after
cmp -s seen before || cmp seen after
# Opened before, read in part before and in part after: the rest belongs to the first part.
python3 - "$file" "$P/.inject/outside" <<'Y'
import sys, time
file, outside = sys.argv[1:]
with open(file, "rb", buffering=0) as whole:
    before = whole.read()
with open(file, "rb", buffering=0) as reader:
    head = reader.read(10)
    with open(outside, "w") as change:
        change.write("description web2 short\n")
    rest = reader.read()
assert head + rest == before, "the parts are of two states"
end = time.monotonic() + 2
while True:
    with open(file, "rb") as fresh:
        content = fresh.read()
    if b"short" in content and b"xxx" not in content:
        break
    assert time.monotonic() < end, "a later reader is shown the old state"
Y
