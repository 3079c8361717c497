# Content that grows and shrinks under its readers is never cut and never padded (R14).
source "$LIB/case.sh"
mount_demo
long=$(printf 'abcdefgh%.0s' $(seq 400))
(for _ in $(seq 60); do
    inject outside "description web2 $long"
    inject outside "description web2 short"
done) &
writer=$!
python3 - "$P/vms/web2/description" "$long" <<'Y'
import os, subprocess, sys
valid = {b"short\n", sys.argv[2].encode() + b"\n"}
first = open(sys.argv[1], "rb").read()
valid.add(first)
for turn in range(400):
    with open(sys.argv[1], "rb") as file:
        os.fstat(file.fileno())
        content = file.read()
    assert content in valid, (len(content), content[:40], content[-40:])
for turn in range(20):
    content = subprocess.run(["cat", sys.argv[1]], capture_output=True, check=True).stdout
    assert content in valid, (len(content), content[:40])
Y
wait $writer
