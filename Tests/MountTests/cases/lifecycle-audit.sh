# Each change made through the mount is a line of the audit: who, what, from and to (L11).
source "$LIB/case.sh"
mount_demo
echo up > "$P/vms/web3/status"
rmdir "$P"/vms/web3/snapshots/* 2> /dev/null || true
tail -n +1 "$M/.infrafs/audit" > audit
python3 - audit <<'Y'
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
entries = [line for line in lines if "web3" in json.dumps(line)]
assert entries, lines
text = json.dumps(entries)
assert "vm.start" in text and '"uid": 0' in text and '"pid"' in text, text
Y
